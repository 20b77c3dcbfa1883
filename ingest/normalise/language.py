"""Languages: `"English"`, `"en-US"`, `"eng"` → `"en"` (ISO 639-1)."""

from __future__ import annotations

import re
from typing import Any

NAMES = {
    "arabic": "ar", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs",
    "danish": "da",    "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el",
    "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id", "italian": "it", "japanese": "ja",
    "korean": "ko", "latvian": "lv", "lithuanian": "lt", "malay": "ms", "norwegian": "no", "persian": "fa",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk",
    "slovenian": "sl", "spanish": "es", "swedish": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk",
    "vietnamese": "vi",
}  # fmt: skip
UNKNOWN = frozenset({"other", "unknown", "none", "n/a", "und"})
TAG = re.compile(r"([a-z]{2,3})([-_][a-z0-9]+)*")


def language(value: Any) -> str | None:
    """The code; None where the source says that it does not know. Raises ValueError when it is no language."""
    text = str(value).strip().lower()
    if text in UNKNOWN:
        return None
    if text in NAMES:
        return NAMES[text]
    found = TAG.fullmatch(text)
    if found is None:
        raise ValueError("not a language (write an ISO 639-1 code, like en)")
    return found.group(1)

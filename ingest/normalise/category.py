"""Category paths: `"Audio > Headphones"`, `"Audio|Headphones"`, `"Audio/Headphones"` → `("Audio", "Headphones")`."""

from __future__ import annotations

from typing import Any

from ingest.normalise.text import clean

# The first that occurs splits, so that "Audio > Hi-Fi/Stereo" keeps its slash.
SEPARATORS = (">", "|", "/")


def category_path(value: Any) -> tuple[str, ...]:
    """The path, outermost first. A list is a path already. Raises ValueError when it is neither text nor list."""
    if isinstance(value, str):
        # Entities first: exports often hold "Audio &gt; Headphones".
        text = clean(value)
        separator = next((sign for sign in SEPARATORS if sign in text), None)
        value = text.split(separator) if separator else [text]
    if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
        raise ValueError("not a category path (write Audio > Headphones)")
    return tuple(part for part in map(clean, value) if part)

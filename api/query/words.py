"""The words of a query: cleaned text, and the model numbers in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stack.documents import is_measure, model_key

MAX_JOINED = 3


@dataclass(frozen=True)
class Words:
    """The query as it is searched, and the keys under which a maker's number in it would be indexed."""

    text: str
    model_keys: tuple[str, ...]


def read_words(q: str) -> Words:
    """`"  HP  DV7 1211EA\\u200b"` → text `"HP DV7 1211EA"`, keys `("dv71211ea", "hpdv71211ea", …)`.

    Private-use and control characters go: the first serve as highlight marks, the second as nothing.
    """
    normal = unicodedata.normalize("NFKC", q)
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in normal)
    kept = "".join(char for char in kept if unicodedata.category(char) not in ("Co", "Cf", "Cs", "Cn"))
    text = " ".join(kept.split())
    return Words(text, model_keys_of(text))


def model_keys_of(text: str) -> tuple[str, ...]:
    """Keys of each run of up to three neighbouring words that holds digits and could be a model number or a GTIN."""
    words = text.split()[:32]
    runs = (
        words[start : start + length] for length in range(1, MAX_JOINED + 1) for start in range(len(words) - length + 1)
    )
    keys = (model_key("".join(run)) for run in runs if not any(map(is_measure, run)))
    return tuple(dict.fromkeys(key for key in keys if _is_model(key)))


def _is_model(key: str) -> bool:
    """Letters and three digits at least, as in `tn2110`; or the 8 to 14 digits of a GTIN."""
    digits = sum(map(str.isdigit, key))
    if digits == len(key):
        return bool(re.fullmatch(r"\d{8}|\d{12,14}", key))
    return 5 <= len(key) <= 64 and digits >= 3

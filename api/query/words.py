"""The words of a query: cleaned text, and the model numbers in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import islice

from api.model import MAX_QUERY
from stack.documents import is_measure, model_key

MAX_JOINED = 3
# The engine refuses a query of more than 1,024 clauses; a word costs one for each field, more with its synonyms.
# The encoder reads no more than this either.
MAX_WORDS = 64
UNSPACED = r"\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
# What an analyser may make a token of: a run of letters and digits, a character of a script that is written without
# spaces, an emoji or another sign.
WORD = re.compile(rf"[{UNSPACED}]|[^\w\s\x00-\x7f]|[^\W_{UNSPACED}]+")


@dataclass(frozen=True)
class Words:
    """The query as it is searched, and the keys under which a maker's number in it would be indexed."""

    text: str
    model_keys: tuple[str, ...]


def read_words(q: str) -> Words:
    """`"  HP  DV7 1211EA\\u200b"` → text `"HP DV7 1211EA"`, keys `("dv71211ea", "hpdv71211ea", …)`.

    Private-use and control characters go: the first serve as highlight marks, the second as nothing. What is longer
    than MAX_QUERY characters (normalising makes 18 of one) or MAX_WORDS words is cut there.
    """
    normal = unicodedata.normalize("NFKC", q)
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in normal)
    kept = "".join(char for char in kept if unicodedata.category(char) not in ("Co", "Cf", "Cs", "Cn"))
    text = cut(" ".join(kept.split())[:MAX_QUERY])
    return Words(text, model_keys_of(text))


def cut(text: str) -> str:
    """The text up to the end of its MAX_WORDS-th word."""
    after = next(islice(WORD.finditer(text), MAX_WORDS, None), None)
    return (text[: after.start()] if after else text).rstrip()


def model_keys_of(text: str) -> tuple[str, ...]:
    """Keys of each run of up to three neighbouring words that holds digits and could be a model number or a GTIN."""
    words = text.split()[:32]
    runs = (
        words[start : start + length] for length in range(1, MAX_JOINED + 1) for start in range(len(words) - length + 1)
    )
    # Joined too: `256 gb` is as little a model number as `256gb`.
    keys = (model_key("".join(run)) for run in runs if not any(map(is_measure, [*run, "".join(run)])))
    found = [key for key in keys if _is_model(key)]
    # A short number is believed only where there is nothing else: `S-78C` is one, the `ip65` of a lamp is none.
    whole = [model_key(text)] if len(words) <= MAX_JOINED and not is_measure("".join(words)) else []
    return tuple(dict.fromkeys([*found, *(key for key in whole if _is_short_model(key))]))


def _is_short_model(key: str) -> bool:
    """Letters and two digits, at least four characters: `s78c`, `ef54`. None of them is an index key when shorter."""
    digits = sum(map(str.isdigit, key))
    return 4 <= len(key) <= 12 and 2 <= digits < len(key)


def model_prefixes_of(words: Words) -> tuple[str, ...]:
    """The keys that may be the beginning of a longer model number: those of single words, letters and digits."""
    singles = {model_key(word) for word in words.text.split()}
    return tuple(key for key in words.model_keys if key in singles and not key.isdigit())


def _is_model(key: str) -> bool:
    """Letters and three digits at least, as in `tn2110`; or the 8 to 14 digits of a GTIN."""
    digits = sum(map(str.isdigit, key))
    if digits == len(key):
        return bool(re.fullmatch(r"\d{8}|\d{12,14}", key))
    return 5 <= len(key) <= 64 and digits >= 3

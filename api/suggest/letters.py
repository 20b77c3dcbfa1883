"""Letters as suggestions compare them: without case and accents, in any script, and where each stands in its text.

`"Étui  Cuir"` → key `"etui cuir"`, whose first four letters stand at [0, 4) of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from api.suggest.model import Range
from api.understand.vocabulary import FOLDED

ASCII_WORD = re.compile(r"[a-z0-9]+")
# Within a word and nothing of its own: apostrophes (`men's` is `mens`), the Arabic stretch, soft hyphens and joiners.
SILENT = frozenset("'’ʼ´`ـ")
# Scripts that put no spaces between words: a word may begin at any letter.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)


@dataclass(frozen=True)
class Letters:
    """`key` holds the folded words with one space between; `places` the [start, end) of the text for each of its
    characters (a space has that of the letter before it).
    """

    key: str
    places: tuple[Range, ...]

    def range_of(self, start: int, end: int) -> Range:
        """Where the characters `start` to `end` of the key stand in the text."""
        return self.places[start][0], self.places[end - 1][1]


def key_of(text: str) -> str:
    """The key of a text: what `letters_of` gives, faster for plain ASCII."""
    if text.isascii():
        return " ".join(ASCII_WORD.findall(text.lower().replace("'", "").replace("`", "")))
    return letters_of(text).key


def letters_of(text: str) -> Letters:
    """The folded letters and their places. Marks belong to the letter before them."""
    key: list[str] = []
    places: list[Range] = []
    gap = False
    for place, char in enumerate(text):
        folded = _folded(char)
        if folded is None:  # says nothing of its own
            if places and not gap:
                places[-1] = (places[-1][0], place + 1)
            continue
        if not folded:
            gap = bool(key)
            continue
        if gap:
            key.append(" ")
            places.append(places[-1])
            gap = False
        key += folded
        places += [(place, place + 1)] * len(folded)
    return Letters("".join(key), tuple(places))


@lru_cache(maxsize=16_384)
def _folded(char: str) -> str | None:
    """The folded letters of a character: empty for what parts words, None for what is within a word but no letter."""
    if char in SILENT or unicodedata.category(char) == "Cf" or unicodedata.combining(char):
        return None
    decomposed = unicodedata.normalize("NFKD", char).casefold().translate(FOLDED)
    return "".join(one for one in decomposed if not unicodedata.combining(one) and _is_letter(one))


def _is_letter(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char) in ("Mc", "Mn")  # the vowels of Indic scripts are marks


def starts_of(key: str) -> Iterator[int]:
    """Where words begin: after each space, and at each letter of a script without spaces."""
    for place, char in enumerate(key):
        if char == " ":
            continue
        if place == 0 or key[place - 1] == " " or UNSPACED.match(char):
            yield place


def marked(text: str, typed: str) -> list[Range]:
    """The ranges of `text` that begin with the typed words: the whole line where it stands so, else word by word.

    `marked("Wireless Mouse", "mou")` → `[(9, 12)]`.
    """
    shown = letters_of(text)
    if not typed:
        return []
    starts = list(starts_of(shown.key))
    for start in starts:
        if shown.key.startswith(typed, start):
            return [shown.range_of(start, start + len(typed))]
    found = []
    for word in typed.split():
        place = next((start for start in starts if shown.key.startswith(word, start)), None)
        if place is not None:
            found.append(shown.range_of(place, place + len(word)))
    return merged(found)


def merged(ranges: list[Range]) -> list[Range]:
    """In order, and those that touch or overlap as one."""
    done: list[Range] = []
    for start, end in sorted(ranges):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return done

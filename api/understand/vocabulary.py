"""The words of the catalogue: how a text is cut into them, and how many documents hold each.

Both sides cut with `words_of`: what a build counts is what a query looks up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Where a document can hold a word. A speller asks in which of them a word is at home.
GROUPS = ("title", "brand", "category", "description", "attribute", "hashtag", "person", "model")
LONGEST = 40

# What NFKD leaves whole and the engine's asciifolding does not.
FOLDED = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"})
WORD = re.compile(r"[^\W_]+")
MARKS = re.compile("[®™©℠]")  # NFKD makes the letters TM of the second
# The two filters of mappings/components/analysis.json, so that `256 GB` is the one word that the index holds.
INCHES = re.compile(r"""(\d)\s*(?:["”″]|['’′]{2}|-?\s?inch(?:es)?\b)""", re.IGNORECASE)
UNITS = re.compile(
    r"(\d)[\s-]+(gb|tb|mb|kb|ghz|mhz|khz|hz|mah|ah|wh|kwh|kw|w|v|cm|mm|km|m|in|kg|mg|g|lbs?|oz|ml|cl|l|mp|dpi|rpm|fps"
    r"|pcs?)\b",
    re.IGNORECASE,
)

IRREGULAR = {
    "mice": "mouse",
    "canvas": "canvas",
    "series": "series",
    "lens": "lens",
    "lenses": "lens",
    "knives": "knife",
    "shelves": "shelf",
    "ups": "ups",
}
PLURALS = {one: many for many, one in IRREGULAR.items()} | {"ups": "ups"}


def words_of(text: str) -> list[str]:
    """`"Étui Cuir, 17 inch"` → `["etui", "cuir", "17in"]`: lower case, without accents, letters and digits."""
    joined = UNITS.sub(r"\1\2", INCHES.sub(r"\1in ", text))
    return [word for word in WORD.findall(fold(joined)) if len(word) <= LONGEST]


def fold(text: str) -> str:
    """Lower case and without accents, as the engine's `lowercase` and `asciifolding` leave a text."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", MARKS.sub(" ", text)).casefold().translate(FOLDED)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def key_of(text: str) -> str:
    """A text as dictionaries hold it: its words, one space between them."""
    return " ".join(words_of(text))


def singular(word: str) -> str:
    """`batteries` → `battery`, `cases` → `case`, `glass` → `glass`: English plurals by rule, wrong on rare words."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """`battery` → `batteries`, `switch` → `switches`, `case` → `cases`: the other way round."""
    if word in PLURALS:
        return PLURALS[word]
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + "es" if word.endswith(("s", "x", "z", "sh", "ch")) else word + "s"


class Counts(Mapping[str, int]):
    """Word → number of documents that hold it. A view: nothing is copied."""

    def __init__(self, places: Mapping[str, int], counts: Sequence[int]) -> None:
        self._places = places
        self._counts = counts

    def __getitem__(self, word: str) -> int:
        return self._counts[self._places[word]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class Vocabulary:
    """`places` maps each word, in order, to its row; `counts` documents a row; `groups` (n, len(GROUPS)) uint32 those
    of each group; `pairs` sorted uint64 of two rows that follow each other in titles, `pair_counts` how often.
    """

    places: Mapping[str, int]
    counts: tuple[int, ...]
    groups: NDArray[np.uint32]
    pairs: NDArray[np.uint64]
    pair_counts: NDArray[np.uint32]

    @classmethod
    def of(
        cls,
        words: Mapping[str, int],
        groups: Mapping[str, Sequence[int]] | None = None,
        bigrams: Mapping[tuple[str, str], int] | None = None,
    ) -> Vocabulary:
        """From plain tables. A bigram of a word that is not there is left out; no groups: all from titles."""
        ordered = sorted(words)
        places = {word: place for place, word in enumerate(ordered)}
        matrix = np.zeros((len(ordered), len(GROUPS)), np.uint32)
        for word, place in places.items():
            matrix[place] = groups[word] if groups else (words[word], *[0] * (len(GROUPS) - 1))
        keys = {
            _pair(places[first], places[second]): count
            for (first, second), count in (bigrams or {}).items()
            if first in places and second in places
        }
        pairs = np.array(sorted(keys), np.uint64)
        pair_counts = np.array([keys[int(pair)] for pair in pairs], np.uint32)
        return cls(places, tuple(words[word] for word in ordered), matrix, pairs, pair_counts)

    @property
    def words(self) -> Counts:
        return Counts(self.places, self.counts)

    def count(self, word: str) -> int:
        """Documents that hold the word; 0 when none does."""
        place = self.places.get(word)
        return 0 if place is None else self.counts[place]

    def in_groups(self, word: str) -> dict[str, int]:
        """Documents that hold the word, by group; empty when none does."""
        place = self.places.get(word)
        return {} if place is None else dict(zip(GROUPS, map(int, self.groups[place]), strict=True))

    def bigram(self, first: str, second: str) -> int:
        """Titles in which `second` follows `first`."""
        left, right = self.places.get(first), self.places.get(second)
        if left is None or right is None:
            return 0
        pair = np.uint64(_pair(left, right))
        place = int(np.searchsorted(self.pairs, pair))
        return int(self.pair_counts[place]) if place < len(self.pairs) and self.pairs[place] == pair else 0


def _pair(first: int, second: int) -> int:
    return first << 32 | second

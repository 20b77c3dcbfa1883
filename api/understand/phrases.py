"""Find listed words in a query: "less than" → up_to. For the short lists of `words.<language>.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.understand.vocabulary import fold

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What stands at words `start` to `end` (the latter not included)."""

    value: T
    start: int
    end: int


class Phrases(Generic[T]):
    """Runs of words with a value each. Both sides are folded: `günstig` finds `gunstig`."""

    def __init__(self, table: Mapping[str, T]) -> None:
        self._table = {tuple(fold(phrase).split()): value for phrase, value in table.items()}
        self._longest: dict[str, int] = {}
        for words in self._table:
            self._longest[words[0]] = max(len(words), self._longest.get(words[0], 0))

    @classmethod
    def of(cls, phrases: Iterable[str]) -> Phrases[str]:
        """Phrases that are their own value."""
        return Phrases({phrase: phrase for phrase in phrases})

    def at(self, words: Sequence[str], start: int) -> Found[T] | None:
        """The longest phrase that begins at a word. `words` are folded."""
        for length in range(self._longest.get(words[start], 0), 0, -1):
            key = tuple(words[start : start + length])
            if len(key) == length and key in self._table:
                return Found(self._table[key], start, start + length)
        return None

    def all(self, words: Sequence[str]) -> list[Found[T]]:
        """From left to right, longest first, without overlaps."""
        found, start = [], 0
        while start < len(words):
            hit = self.at(words, start)
            if hit:
                found.append(hit)
            start = hit.end if hit else start + 1
        return found

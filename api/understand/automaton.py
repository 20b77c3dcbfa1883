"""One Aho-Corasick automaton over all dictionaries: a query is read once, however many entries there are.

Aho and Corasick, "Efficient string matching", CACM 18(6), 1975; pyahocorasick.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick

from api.understand.vocabulary import singular

T = TypeVar("T")


@dataclass(frozen=True)
class Match(Generic[T]):
    """Entries that stand at words `start` to `end` (the latter not included)."""

    values: tuple[T, ...]
    start: int
    end: int


class Automaton(Generic[T]):
    """Entries by their text: folded words, one space between. Plurals match singulars, both ways."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        table: dict[str, list[T]] = {}
        for text, value in entries:
            if words := text.split():
                table.setdefault(_key(words), []).append(value)
        self._automaton = ahocorasick.Automaton()
        for key, values in table.items():
            self._automaton.add_word(key, (key.count(" ") - 1, tuple(values)))
        if table:
            self._automaton.make_automaton()
        self._empty = not table

    def matches(self, words: Sequence[str]) -> list[Match[T]]:
        """In the order of the words; of overlapping ones the longest, of equally long ones the first."""
        if self._empty or not words:
            return []
        text = _key(words)
        place_of = _places(text)
        every = [
            Match(values, place_of[end] - length, place_of[end])
            for end, (length, values) in self._automaton.iter(text)
        ]  # fmt: skip
        taken: set[int] = set()
        kept = []
        for match in sorted(every, key=lambda match: (match.start - match.end, match.start)):
            span = range(match.start, match.end)
            if taken.isdisjoint(span):
                taken.update(span)
                kept.append(match)
        return sorted(kept, key=lambda match: match.start)


def _key(words: Sequence[str]) -> str:
    """`["usb", "cables"]` → `" usb cable "`: the spaces at the ends keep a match on whole words."""
    return f" {' '.join(map(singular, words))} "


def _places(text: str) -> dict[int, int]:
    """Place of each space → words before it."""
    spaces = [place for place, char in enumerate(text) if char == " "]
    return {place: count for count, place in enumerate(spaces)}

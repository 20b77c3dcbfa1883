"""Which completions begin with the typed letters, at their start or at a later word: a sorted array of word starts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.suggest.completion import Completion
from api.suggest.letters import starts_of
from api.suggest.model import SUGGESTION_KINDS, SuggestionKind

LAST = "\U0010ffff"
MOST_STARTS = 24  # words of one text that can be found by their beginning


@dataclass(frozen=True)
class Fit:
    """A completion that begins so. `at_start` when its first word does, `whole` when nothing is left to type."""

    completion: Completion
    at_start: bool
    whole: bool


class PrefixIndex:
    """All word starts of all completions in order, each with a rank by worth: a look-up is two bisections, and the best
    of a kind are found without walking through all that fit.
    """

    def __init__(self, completions: Sequence[Completion], inner: float) -> None:
        self.completions = tuple(completions)
        rows = [
            (one.key[start:], start == 0, owner)
            for owner, one in enumerate(self.completions)
            for start in _first(starts_of(one.key))
        ]
        rows.sort()
        self._keys = [key for key, _, _ in rows]
        self._owners = np.array([owner for _, _, owner in rows], np.int32)
        self._at_start = np.array([at_start for _, at_start, _ in rows], bool)
        kinds = {kind: place for place, kind in enumerate(SUGGESTION_KINDS)}
        kind_of = np.array([kinds[one.kind] for one in self.completions], np.int8)
        worth = np.array([one.worth for one in self.completions], np.float32)
        self._kinds = kind_of[self._owners] if rows else np.zeros(0, np.int8)
        strength = worth[self._owners] * np.where(self._at_start, 1.0, inner) if rows else np.zeros(0, np.float32)
        # One rank for each row, so that equal ones come in the same order every time.
        self._rank = np.empty(len(rows), np.int32)
        self._rank[np.lexsort((np.arange(len(rows)), -strength))] = np.arange(len(rows), dtype=np.int32)
        self.words = {word for one in self.completions for word in one.key.split()}

    def __len__(self) -> int:
        return len(self.completions)

    def begins(self, prefix: str) -> bool:
        """Does any word of any completion begin so?"""
        place = bisect_left(self._keys, prefix)
        return place < len(self._keys) and self._keys[place].startswith(prefix)

    def best(self, prefix: str, kinds: Sequence[SuggestionKind], each: int, closed: bool = False) -> list[Fit]:
        """The `each` best of each kind that begin with `prefix`; with `closed` its last word is whole."""
        rows = self._rows(prefix, closed)
        found: list[Fit] = []
        for kind in kinds:
            mine = rows[self._kinds[rows] == SUGGESTION_KINDS.index(kind)]
            found += self._fits(self._top(mine, 2 * each), prefix)[:each]
        return found

    def _rows(self, prefix: str, closed: bool) -> NDArray[np.intp]:
        spans = [(prefix, prefix + "\0"), (prefix + " ", prefix + " " + LAST)] if closed else [(prefix, prefix + LAST)]
        return np.concatenate(
            [np.arange(bisect_left(self._keys, low), bisect_left(self._keys, high)) for low, high in spans]
        )

    def _top(self, rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
        """The rows of the lowest ranks, in order."""
        ranks = self._rank[rows]
        if len(rows) > most:
            chosen = np.argpartition(ranks, most)[:most]
            rows, ranks = rows[chosen], ranks[chosen]
        return rows[np.argsort(ranks)]

    def _fits(self, rows: NDArray[np.intp], prefix: str) -> list[Fit]:
        """Each completion once, by its best row: `hat` begins `hat` and `hat hat` begins twice."""
        fits: dict[int, Fit] = {}
        for row in rows.tolist():
            owner = int(self._owners[row])
            if owner not in fits:
                one = self.completions[owner]
                fits[owner] = Fit(one, bool(self._at_start[row]), one.key == prefix)
        return list(fits.values())


def _first(starts: Iterator[int]) -> list[int]:
    return [start for start, _ in zip(starts, range(MOST_STARTS), strict=False)]

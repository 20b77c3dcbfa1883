"""Posters that are shared: a market of any size has no more of them than one of some hundred videos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import accumulate
from typing import Generic, TypeVar

Made = TypeVar("Made")
Key = tuple[str, ...]


class Shared(Generic[Made]):
    """Makes `most` things, then hands out those that were made, the nearest in kind by turns."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._made: dict[Key, list[Made]] = defaultdict(list)
        self._turn: dict[Key, int] = defaultdict(int)

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """A thing of a kind, like `("planter", "review")`; where there is none, of `("planter",)`, then of any."""
        kinds: list[Key] = list(accumulate(((part,) for part in key), initial=()))
        if self._left:
            self._left -= 1
            made = make()
            for kind in kinds:
                self._made[kind].append(made)
            return made
        found = next(kind for kind in reversed(kinds) if self._made[kind])
        self._turn[found] += 1
        return self._made[found][self._turn[found] % len(self._made[found])]

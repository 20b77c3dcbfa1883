"""A count that moves a bar."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from learn.rankers import Advance


def counting(advance: Advance, task: str, total: int) -> Callable[[], None]:
    """A function without arguments that moves the bar of `task` one step each time."""
    done = count(1)
    return lambda: advance(task, next(done), total)

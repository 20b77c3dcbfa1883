"""How far a build is, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from stack.documents import Kind


class Bars:
    """A `Watcher` of bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[Kind, TaskID] = {}
        self._doing: TaskID | None = None

    def found(self, kind: Kind, total: int) -> None:
        """A kind of so many documents is read next."""
        self._bars[kind] = self._progress.add_task(f"{kind}s", total=total)

    def read(self, kind: Kind, done: int) -> None:
        """So many of them are read."""
        self._progress.update(self._bars[kind], completed=done)

    def doing(self, what: str) -> None:
        """What goes on after reading."""
        if self._doing is None:
            self._doing = self._progress.add_task(what, total=None)
        self._progress.update(self._doing, description=what)


@contextmanager
def watching() -> Iterator[Bars]:
    """Bars on standard error, for as long as the block runs."""
    columns = (TextColumn("{task.description:>24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bars(progress)

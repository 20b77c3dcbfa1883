"""Batches come back in any order and are entered in the order of the source: dead letters, counts, then the mark."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from threading import Lock

from ingest.checkpoint import Checkpoints, Mark
from ingest.dead_letters import DeadLetters
from ingest.record import Batch, Counts, Position

SAVED_EVERY_S = 0.1  # what a kill repeats at most; a save costs a fraction of a millisecond


class Ledger:
    """The low-water mark of contiguous records that are dealt with, and what became of them."""

    def __init__(
        self,
        run: str | None,
        checkpoints: Checkpoints | None,
        dead_letters: DeadLetters,
        mark: Mark | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        start = mark or Mark()
        self.position: Position = start.position
        self.resumed = start.counts.read
        self.dead_letters = dead_letters
        self._counts = copy.deepcopy(start.counts)
        self._run = run
        self._checkpoints = checkpoints
        self._waiting: dict[int, Batch] = {}
        self._next = 0
        self._lock = Lock()
        self._monotonic = monotonic
        self._saved_at = monotonic()

    def commit(self, batch: Batch) -> None:
        """Enter a batch whose records are all written or refused, and those that waited for it."""
        with self._lock:
            self._waiting[batch.number] = batch
            while (ready := self._waiting.pop(self._next, None)) is not None:
                self.dead_letters.write(ready.refusals)
                self._counts.add(ready.counts)
                self.position = ready.end
                self._next += 1
            if self._monotonic() - self._saved_at >= SAVED_EVERY_S:
                self._save()

    def counts(self) -> Counts:
        """A copy of the counts up to the mark."""
        with self._lock:
            return copy.deepcopy(self._counts)

    def note_deleted(self, count: int) -> None:
        """Documents that went without a record that says so."""
        with self._lock:
            self._counts.deleted += count

    def save(self) -> None:
        """Write the mark down now."""
        with self._lock:
            self._save()

    def finish(self) -> None:
        """The run is complete: nothing is left to resume."""
        with self._lock:
            if self._checkpoints and self._run:
                self._checkpoints.clear(self._run)

    def _save(self) -> None:
        self._saved_at = self._monotonic()
        if self._checkpoints and self._run:
            letters = self.dead_letters
            mark = Mark(self.position, self._counts, letters.path if letters.size else None, letters.size)
            self._checkpoints.save(self._run, mark)

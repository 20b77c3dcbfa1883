"""Stages in a row, each with its threads and a bounded queue: stages overlap, and a slow one holds the reader back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from queue import Empty, Full, Queue

from ingest.record import Batch

QUEUED = 2  # batches waiting before each stage: enough to bridge an uneven one, few enough to bound memory
POLL_S = 0.05

Work = Callable[[Batch], Batch | None]


@dataclass(frozen=True)
class Stage:
    """One step. `work` returns the batch, or None to drop it: it then stays uncommitted, for a later `--resume`."""

    name: str
    work: Work
    threads: int = 1


class _Worker(threading.Thread):
    """A thread whose end can be waited for again after an interrupt.

    `Thread.join` cannot: interrupted once, it takes a thread that runs for one that has ended
    (github.com/python/cpython/issues/90882), and the model's threads would then be torn down under its feet.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.ended = threading.Event()
        self._work = work

    def run(self) -> None:
        try:
            self._work()
        finally:
            self.ended.set()


class Flow:
    """Runs batches through the stages and hands those that came through to `commit`, in whatever order they do.

    `halt` asks all stages to stop early; it is set here on the first failure, and by the caller on an interrupt.
    """

    def __init__(self, stages: Sequence[Stage], commit: Callable[[Batch], None], halt: threading.Event) -> None:
        self._stages = list(stages)
        self._queues: list[Queue[Batch]] = [Queue(QUEUED) for _ in stages]
        self._closed = [threading.Event() for _ in stages]
        self._commit = commit
        self._halt = halt
        self._threads: list[list[_Worker]] = []
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Start the threads of all stages."""
        for place, stage in enumerate(self._stages):
            threads = [_Worker(partial(self._run, place), f"{stage.name}-{number}") for number in range(stage.threads)]
            self._threads.append(threads)
            for thread in threads:
                thread.start()

    def put(self, batch: Batch) -> None:
        """Send a batch down the road; waits while the road is full. Raises what a stage failed with."""
        self._pass_on(batch, 0)
        self.check()

    def finish(self) -> None:
        """Wait until all batches are through and end the threads. May be called again when it was interrupted."""
        for closed, threads in zip(self._closed, self._threads, strict=True):
            closed.set()
            for thread in threads:
                thread.ended.wait()

    def check(self) -> None:
        """Raise what a stage failed with, if one did."""
        if self.failure is not None:
            raise self.failure

    def _run(self, place: int) -> None:
        stage, queue = self._stages[place], self._queues[place]
        while True:
            try:
                batch = queue.get(timeout=POLL_S)
            except Empty:
                if self._closed[place].is_set():
                    return
                continue
            if self.failure is not None:
                continue  # empties the queue, so that nobody waits at it
            try:
                done = stage.work(batch)
                if done is not None:
                    self._pass_on(done, place + 1)
            except BaseException as error:  # noqa: BLE001  told to the caller by put() and check()
                self._fail(error)

    def _pass_on(self, batch: Batch, place: int) -> None:
        if place == len(self._stages):
            self._commit(batch)
            return
        while self.failure is None:
            try:
                self._queues[place].put(batch, timeout=POLL_S)
            except Full:
                continue
            return

    def _fail(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error
        self._halt.set()

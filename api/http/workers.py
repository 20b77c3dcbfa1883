"""Several API processes on one port: started, watched, replaced, ended together.

They share one listening socket, and so one queue of connections: when one of them ends, the others take what waits.
uvicorn has a supervisor too; it cannot say why a worker did not start, and starts one that dies at once for ever.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, resource_tracker
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

from api.http.metrics import FOLDER_VARIABLE
from stack.errors import SoukError
from stack.settings import Settings

log = logging.getLogger("souk.workers")

Work = Callable[..., None]
"""What a worker process runs: `work(*arguments, boss)`. It sends READY, or (message, remedy) of what stops it."""
READY = "ready"


@dataclass(frozen=True)
class Patience:
    """Seconds and tries of the supervisor."""

    steady_s: float = 10.0  # a worker that lived this long did not die of its start
    first_wait_s: float = 0.5  # before the second start of a place; twice as long before each further one
    longest_wait_s: float = 30.0
    tries: int = 5  # deaths in a row, after which a start is not tried again
    end_s: float = 8.0  # beyond the drain: what running requests may take (5), and closing


def supervise(settings: Settings, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve with `settings.api_workers` processes until TERM or INT; `started` is called once the first one answers.

    Raises the first start's SoukError, SoukError when the processes die again and again, KeyboardInterrupt after INT,
    SystemExit after a second signal.
    """
    with _metrics_folder() as folder:

        def ended(pid: int) -> None:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]

        # Closed as soon as all are asked to end, or what comes later would wait for nobody.
        leave = listener.close
        Supervisor(work, (settings, listener), settings.api_workers, settings.drain_s, started, ended, leave).run()


def work(settings: Settings, listener: socket.socket, boss: connection.Connection) -> None:
    """The whole life of one worker process."""
    from api.http import logs
    from api.http.server import serve_on

    logs.configure(settings.log_format, settings.log_level)
    try:
        serve_on(listener, settings, lambda: boss.send(READY), supervisor=boss)
    except SoukError as error:
        boss.send((error.message, error.remedy))
        sys.exit(2)


@contextmanager
def _metrics_folder() -> Iterator[Path]:
    """A folder where the workers count, for as long as they live. The client library reads the variable as it loads."""
    before = os.environ.get(FOLDER_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="souk-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop(FOLDER_VARIABLE)
            if before is not None:
                os.environ[FOLDER_VARIABLE] = before


@dataclass
class _Worker:
    process: SpawnProcess
    boss: connection.Connection
    started: float
    ready: bool = False
    refusal: SoukError | None = None

    def hear(self) -> None:
        """Take what it said."""
        with suppress(EOFError, OSError):
            while self.boss.poll():
                said = self.boss.recv()
                if said == READY:
                    self.ready = True
                else:
                    self.refusal = SoukError(*said)

    def fate(self) -> str:
        code = self.process.exitcode or 0
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


@dataclass
class _Place:
    """One of the workers that there should be: the process, or from when on the next may start."""

    worker: _Worker | None = None
    deaths: int = 0  # in a row, none of them after a steady life
    due: float = 0.0


@dataclass
class Supervisor:
    """Keeps `count` processes of `work(*arguments, boss)` alive.

    `started` is called once the first is ready, `ended` gets the pid of each one that is gone, `leaving` is called when
    no further one will be started.
    """

    work: Work
    arguments: tuple[Any, ...]
    count: int
    drain_s: float
    started: Callable[[], None]
    ended: Callable[[int], None] = lambda _pid: None
    leaving: Callable[[], None] = lambda: None
    patience: Patience = Patience()
    _places: list[_Place] = field(init=False, repr=False)
    _signals: list[int] = field(init=False, default_factory=list, repr=False)
    _served: bool = field(init=False, default=False)

    def run(self) -> None:
        """Until a signal. Raises as `supervise` does."""
        self._places = [_Place() for _ in range(self.count)]
        resource_tracker.ensure_running()  # it unblocks INT as it starts; each worker is started with INT blocked
        with self._caught() as wake:
            try:
                while not self._signals:
                    self._start_due()
                    self._wait(wake, self._next_due())
                    self._look()
                self._leave(wake)
            finally:
                self._kill()
        if len(self._signals) > 1:
            sys.exit(128 + self._signals[0])
        if signal.SIGINT in self._signals:
            raise KeyboardInterrupt

    def _workers(self) -> list[_Worker]:
        return [place.worker for place in self._places if place.worker]

    def _start_due(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.worker is None and place.due <= now:
                place.worker = self._start()

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=self.work, args=(*self.arguments, theirs), name="souk-worker")
        # The mask is inherited: a Ctrl-C in the terminal reaches every process, and is for the supervisor alone.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        theirs.close()
        return _Worker(process, ours, time.monotonic())

    def _next_due(self) -> float | None:
        """Seconds until a start is due; None when none is."""
        waiting = [place.due for place in self._places if place.worker is None]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _wait(self, wake: socket.socket, seconds: float | None) -> None:
        """Until a worker speaks or ends, a signal comes, or the time is over."""
        watched: list[Any] = [wake, *(worker.process.sentinel for worker in self._workers())]
        watched += [worker.boss for worker in self._workers() if not worker.ready]
        if wake in connection.wait(watched, seconds):
            wake.recv(64)

    def _look(self) -> None:
        for place in self._places:
            if place.worker is None:
                continue
            place.worker.hear()
            if place.worker.ready and not self._served:
                self._served = True
                self.started()
            if place.worker.process.exitcode is not None:
                self._bury(place, place.worker)

    def _bury(self, place: _Place, worker: _Worker) -> None:
        """Take a dead worker from its place. Raises SoukError when there is no point in another."""
        worker.hear()
        self._forget(worker)
        place.worker = None
        if self._signals:
            return
        if worker.refusal and not self._served:
            raise worker.refusal
        steady = worker.ready and time.monotonic() - worker.started >= self.patience.steady_s
        place.deaths = 0 if steady else place.deaths + 1
        least = min(each.deaths for each in self._places)
        if least >= self.patience.tries or (not self._served and place.deaths >= self.patience.tries):
            raise SoukError(
                f"the API's processes die at start, {place.deaths} times by now, the last one {worker.fate()}",
                "The lines above may say why; with too little memory, start fewer by --workers",
            )
        wait = self._pause(place.deaths)
        place.due = time.monotonic() + wait
        why = f": {worker.refusal}" if worker.refusal else ""
        log.warning("worker %d ended %s%s; the next starts in %g s", worker.process.pid, worker.fate(), why, wait)

    def _pause(self, deaths: int) -> float:
        """A first death may be chance: no pause; then longer each time."""
        doubled = self.patience.first_wait_s * 2 ** max(0, deaths - 2)
        return 0.0 if deaths < 2 else min(self.patience.longest_wait_s, float(doubled))

    def _leave(self, wake: socket.socket) -> None:
        """Ask all to end and wait: as long as they may drain and finish, or until the next signal."""
        drain_s = 0.0 if signal.SIGINT in self._signals else self.drain_s
        for worker in self._workers():
            worker.hear()
            with suppress(OSError):
                if worker.ready:
                    worker.boss.send(drain_s)
                else:
                    worker.process.terminate()
        self.leaving()
        until = time.monotonic() + drain_s + self.patience.end_s
        while self._workers() and len(self._signals) == 1 and time.monotonic() < until:
            self._wait(wake, until - time.monotonic())
            self._look()

    def _kill(self) -> None:
        for worker in self._workers():
            level = logging.WARNING if self._signals else logging.INFO  # else a start that failed says more
            log.log(level, "worker %d is killed", worker.process.pid)
            worker.process.kill()
            worker.process.join()
            self._forget(worker)

    def _forget(self, worker: _Worker) -> None:
        assert worker.process.pid is not None
        self.ended(worker.process.pid)
        worker.boss.close()
        worker.process.join()

    @contextmanager
    def _caught(self) -> Iterator[socket.socket]:
        """Note INT and TERM, and wake the loop through the socket that is given."""
        wake, woken_by = socket.socketpair()
        for end in (wake, woken_by):
            end.setblocking(False)
        old = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        old_fd = signal.set_wakeup_fd(woken_by.fileno(), warn_on_full_buffer=False)
        try:
            yield wake
        finally:
            signal.set_wakeup_fd(old_fd)
            for number, handler in old.items():
                signal.signal(number, handler)
            wake.close()
            woken_by.close()

    def _note(self, number: int, _frame: object) -> None:
        self._signals.append(number)

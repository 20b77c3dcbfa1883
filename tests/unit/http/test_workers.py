"""The supervisor of several API processes, with real processes that do little."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import worker_works as works

from api.http.workers import Patience, Supervisor, Work
from stack.errors import SoukError

QUICK = Patience(first_wait_s=0.05, longest_wait_s=0.1, tries=3, end_s=0.5)


def _ask(number: int) -> Callable[[], None]:
    """A signal to this very process, as the supervisor gets it."""
    return lambda: os.kill(os.getpid(), number)


def _supervisor(work: Work, notes: Path, count: int, started: Callable[[], None], drain_s: float = 0.0) -> Supervisor:
    return Supervisor(work, (notes,), count, drain_s, started, patience=QUICK)


def _noted(notes: Path, what: str) -> list[Path]:
    return sorted(notes.glob(f"{what}-*"))


def _once(notes: Path, count: int, then: Callable[[], None]) -> Callable[[], None]:
    """When `count` workers have started, in a thread beside the supervisor."""

    def wait() -> None:
        until = time.monotonic() + 20
        while len(_noted(notes, "started")) < count and time.monotonic() < until:
            time.sleep(0.02)
        then()

    return lambda: threading.Thread(target=wait).start()


def test_term_is_passed_on_with_the_time_to_drain(tmp_path: Path) -> None:
    gone: list[int] = []
    supervisor = _supervisor(works.obedient, tmp_path, 2, _once(tmp_path, 2, _ask(signal.SIGTERM)), drain_s=0.2)
    supervisor.ended = gone.append
    supervisor.run()
    assert [note.read_text() for note in _noted(tmp_path, "drain")] == ["0.2", "0.2"]
    assert {f"drain-{pid}" for pid in gone} == {note.name for note in _noted(tmp_path, "drain")}


def test_ctrl_c_ends_all_without_a_drain(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _supervisor(works.obedient, tmp_path, 1, _ask(signal.SIGINT), drain_s=30).run()
    assert [note.read_text() for note in _noted(tmp_path, "drain")] == ["0.0"]


def test_a_start_that_is_refused_is_one_error_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(SoukError, match=r"the indexes are missing. Run souk apply"):
        _supervisor(works.refuses, tmp_path, 2, lambda: None).run()


def test_workers_that_die_at_start_are_given_up(tmp_path: Path) -> None:
    with pytest.raises(SoukError, match=r"die at start, 3 times by now, the last one by SIGKILL.*--workers"):
        _supervisor(works.crashes, tmp_path, 1, lambda: None).run()


def test_one_that_dies_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _supervisor(works.crashes_once, tmp_path, 2, _once(tmp_path, 2, _ask(signal.SIGTERM))).run()
    assert len(_noted(tmp_path, "drain")) == 2
    assert "ended by SIGKILL; the next starts in 0 s" in caplog.text


def test_one_that_does_not_end_is_killed(tmp_path: Path) -> None:
    started = time.monotonic()
    _supervisor(works.deaf, tmp_path, 1, _ask(signal.SIGTERM)).run()
    assert time.monotonic() - started < 20


def test_a_second_signal_waits_for_nobody(tmp_path: Path) -> None:
    def twice() -> None:
        _ask(signal.SIGTERM)()
        threading.Timer(0.2, _ask(signal.SIGTERM)).start()

    with pytest.raises(SystemExit) as ended:
        _supervisor(works.deaf, tmp_path, 1, twice, drain_s=60).run()
    assert ended.value.code == 128 + signal.SIGTERM


def test_the_pause_before_a_further_start_grows_and_has_an_end() -> None:
    supervisor = Supervisor(works.deaf, (), 1, 0, lambda: None)
    assert [supervisor._pause(deaths) for deaths in (1, 2, 3, 4, 20)] == [0, 0.5, 1, 2, 30]

"""What TERM and INT do to `souk serve` with a request on its way: a process of its own, over a slow core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from stack.node.launch import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


class Asked:
    """A search that is on its way, in a thread."""

    def __init__(self, url: str) -> None:
        self.status: int | None = None
        self._thread = threading.Thread(target=self._ask, args=(url,))
        self._thread.start()

    def _ask(self, url: str) -> None:
        try:
            self.status = httpx.get(f"{url}/v1/search", params={"q": "mouse"}, timeout=60).status_code
        except httpx.HTTPError:
            self.status = 0

    def answered(self) -> int | None:
        self._thread.join(30)
        return self.status


@contextmanager
def serving(seconds: float, drain_s: float) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")}
    env["PYTHONPATH"] = f"{ROOT}{os.pathsep}{HERE}"
    command = [sys.executable, str(HERE / "slow_server.py"), str(free_port()), str(seconds), str(drain_s)]
    process = subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def _is_running(url: str, process: subprocess.Popen[str]) -> Asked:
    asked = Asked(url)
    time.sleep(0.3)
    assert process.poll() is None
    return asked


def test_term_answers_what_runs_and_what_comes_while_it_drains() -> None:
    with serving(1.0, drain_s=0.5) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.15)
        problem = httpx.get(f"{url}/readyz")
        assert (problem.status_code, problem.json()["error"]) == (503, "service_unavailable")
        assert "about to end" in problem.json()["message"]
        late = Asked(url)
        assert (running.answered(), late.answered()) == (200, 200)
        assert process.wait(10) == 0
        assert "GET /v1/search 200" in process.stderr.read()  # type: ignore[union-attr]


def test_a_second_signal_ends_it_at_once() -> None:
    with serving(30, drain_s=30) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == -signal.SIGTERM
        assert running.answered() == 0


def test_ctrl_c_does_not_drain() -> None:
    with serving(0.5, drain_s=30) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) != 0
        assert running.answered() == 200

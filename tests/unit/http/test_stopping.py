"""What TERM and INT do to `souk serve` with a request on its way: a process of its own, over a slow core."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

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
            self.status = _get(url, "/v1/search?q=mouse")[0]
        except (OSError, http.client.HTTPException):
            self.status = 0

    def answered(self) -> int | None:
        self._thread.join(30)
        return self.status


def _get(url: str, path: str) -> tuple[int, str]:
    """Status and body, over a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


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
    assert process.stdout is not None
    assert process.stdout.readline() == "asked\n"  # the request has reached the core
    return asked


def _unready(url: str) -> str:
    """What `/readyz` says once it says no."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        status, said = _get(url, "/readyz")
        if status == 503:
            return said
    raise AssertionError("readiness did not go within 10 s")


def test_term_answers_what_runs_and_what_comes_while_it_drains() -> None:
    with serving(1.0, drain_s=1.0) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGTERM)
        problem = json.loads(_unready(url))
        assert problem["error"] == "service_unavailable"
        assert "about to end" in problem["message"]
        late = Asked(url)
        assert (running.answered(), late.answered()) == (200, 200)
        assert process.wait(10) == 0
        assert "GET /v1/search 200" in process.stderr.read()  # type: ignore[union-attr]


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(again: signal.Signals) -> None:
    with serving(30, drain_s=30) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGTERM)
        _unready(url)  # two signals that are sent together may arrive as one
        process.send_signal(again)
        assert process.wait(10) == -again
        assert running.answered() == 0


def test_ctrl_c_does_not_drain() -> None:
    with serving(0.5, drain_s=30) as (url, process):
        running = _is_running(url, process)
        process.send_signal(signal.SIGINT)
        assert running.answered() == 200
        assert process.wait(20) == -signal.SIGINT  # Python's end by KeyboardInterrupt
        assert "core closed" in process.communicate()[0]

"""Background processes: found again by a later command, ended by pid, never mistaken for another."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from stack.background import Background

SLEEPS = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"]


def test_started_found_by_another_command_and_stopped(tmp_path: Path) -> None:
    process = Background(tmp_path, "serve").start(SLEEPS, os.environ, url="http://127.0.0.1:8000")
    later = Background(tmp_path, "serve")
    found = later.find()
    assert found is not None
    assert found.pid == process.pid
    assert later.about()["url"] == "http://127.0.0.1:8000"
    until = time.monotonic() + 10
    while "up" not in later.last_lines() and time.monotonic() < until:
        time.sleep(0.05)
    assert later.last_lines() == "up"
    assert later.stop()
    assert not process.is_running()
    assert later.find() is None
    assert not later.stop()


def test_a_pid_that_is_another_process_by_now_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "serve.json").write_text(json.dumps({"pid": os.getpid(), "create_time": 1.0}))
    assert Background(tmp_path, "serve").find() is None
    assert not Background(tmp_path, "serve").stop()  # else this test would end here


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"pid": "x", "create_time": 1}', '{"pid": 1}'])
def test_a_broken_note_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "serve.json").write_text(text)
    assert Background(tmp_path, "serve").find() is None
    assert "url" not in Background(tmp_path, "serve").about()

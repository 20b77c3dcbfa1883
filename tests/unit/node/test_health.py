"""Watching a node come up: answers, deaths and silence. The node is a small server or a child that ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from stack.errors import EngineStartError
from stack.node import health as health_module
from stack.node.health import health, wait_until_healthy
from stack.node.launch import free_port, need_free


@contextmanager
def server(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"status": "green"}', "green"),
        (200, b'{"status": "red"}', "red"),
        (503, b'{"status": "green"}', None),
        (200, b"<html>", None),
        (200, b"{}", None),
        (200, b"[]", None),
    ],
)
def test_health_is_what_the_node_says(status: int, body: bytes, expected: str | None) -> None:
    with server(status, body) as url:
        assert health(url) == expected


def test_a_node_that_dies_at_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "souk.log").write_text("".join(f"line {number}\n" for number in range(40)))
    (tmp_path / "console.log").write_text("Caused by: no space\n\tat java.Frame\n")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.2)"])
    with pytest.raises(EngineStartError, match="died at start") as raised:
        wait_until_healthy(f"http://127.0.0.1:{free_port()}", psutil.Process(child.pid), tmp_path / "souk.log", print)
    child.wait()
    shown = raised.value.remedy.splitlines()[1:]
    assert len(shown) == 15
    assert shown[-2:] == ["  line 39", "  Caused by: no space"]
    assert str(tmp_path) in raised.value.remedy


def test_silence_ends_and_red_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "START_S", 0.3)
    monkeypatch.setattr(health_module, "PAUSE_S", 0.05)
    me, log = psutil.Process(), tmp_path / "souk.log"
    with pytest.raises(EngineStartError, match="did not answer within"):
        wait_until_healthy(f"http://127.0.0.1:{free_port()}", me, log, print)
    said: list[str] = []
    with server(200, b'{"status": "red"}') as url:
        wait_until_healthy(url, me, log, said.append)
    assert "red" in said[0]


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with server(200, b"{}") as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(EngineStartError, match=f"port {port} is in use") as raised:
            need_free(port)
    assert "--port" in raised.value.remedy
    need_free(port)

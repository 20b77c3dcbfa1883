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
from stack.node.health import Health, Watched, health, wait_until_healthy
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
        (200, b'{"status": "green", "number_of_nodes": 1}', Health("green", 1)),
        (200, b'{"status": "red", "number_of_nodes": 3}', Health("red", 3)),
        (503, b'{"status": "green", "number_of_nodes": 1}', None),
        (200, b'{"status": "green"}', None),
        (200, b"<html>", None),
        (200, b"{}", None),
        (200, b"[]", None),
    ],
)
def test_health_is_what_the_node_says(status: int, body: bytes, expected: Health | None) -> None:
    with server(status, body) as url:
        assert health(url) == expected


def test_a_node_that_dies_at_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "souk.log").write_text("".join(f"line {number}\n" for number in range(40)))
    (tmp_path / "console.log").write_text("Caused by: no space\n\tat java.Frame\n")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.2)"])
    with pytest.raises(EngineStartError, match="died at start") as raised:
        wait_until_healthy([watched(psutil.Process(child.pid), tmp_path)], print)
    child.wait()
    shown = raised.value.remedy.splitlines()[1:]
    assert len(shown) == 15
    assert shown[-2:] == ["  line 39", "  Caused by: no space"]
    assert str(tmp_path) in raised.value.remedy


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "START_S", 0.3)
    monkeypatch.setattr(health_module, "MORE_S", 0.1)
    monkeypatch.setattr(health_module, "PAUSE_S", 0.05)


@pytest.mark.usefixtures("hurried")
def test_silence_ends_and_red_is_said(tmp_path: Path) -> None:
    me = psutil.Process()
    with pytest.raises(EngineStartError, match="did not answer within"):
        wait_until_healthy([watched(me, tmp_path)], print)
    said: list[str] = []
    with server(200, b'{"status": "red", "number_of_nodes": 1}') as url:
        wait_until_healthy([watched(me, tmp_path, url)], said.append)
    assert "red" in said[0]


@pytest.mark.usefixtures("hurried")
def test_a_node_that_does_not_find_the_others_is_named(tmp_path: Path) -> None:
    me = psutil.Process()
    with server(200, b'{"status": "green", "number_of_nodes": 2}') as url:
        wait_until_healthy([watched(me, tmp_path, url)] * 2, print)
        with pytest.raises(EngineStartError, match=f"{url} sees 2 of 3 nodes"):
            wait_until_healthy([watched(me, tmp_path, url)] * 3, print)


def watched(process: psutil.Process, folder: Path, url: str | None = None) -> Watched:
    return Watched(url or f"http://127.0.0.1:{free_port()}", process, folder / "souk.log")


def test_a_port_in_use_is_named_with_the_remedy() -> None:
    with server(200, b"{}") as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(EngineStartError, match=f"port {port} is in use") as raised:
            need_free(port)
    assert "--port" in raised.value.remedy
    need_free(port)

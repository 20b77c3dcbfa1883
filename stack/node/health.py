"""Is the node up? Asked over plain HTTP on loopback, while its process is watched."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psutil

from stack.errors import EngineStartError

START_S = 120
PAUSE_S = 0.25
ANSWER_S = 5
SHOWN_LINES = 15
CONSOLE = "console.log"

Health = Literal["green", "yellow", "red"]


def health(url: str) -> Health | None:
    """Cluster health; None while the node does not answer or has not recovered its state."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/_cluster/health?timeout=1s")
        answer = connection.getresponse()
        body = answer.read()
        status = json.loads(body)["status"] if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
    return status if status in ("green", "yellow", "red") else None


def wait_until_healthy(url: str, process: psutil.Process, log: Path, say: Callable[[str], None]) -> None:
    """Return once the health is yellow or green.

    Raises EngineStartError with the end of the log when the process dies, or when nothing answers within 120 s. A node
    that answers but stays red has lost data and not failed to start: that is said, not raised.
    """
    deadline = time.monotonic() + START_S
    status: Health | None = None
    while time.monotonic() < deadline:
        if not alive(process):
            raise EngineStartError("the engine died at start", _log_remedy(log))
        status = health(url)
        if status in ("yellow", "green"):
            return
        time.sleep(PAUSE_S)
    if status is None:
        raise EngineStartError(f"the engine did not answer within {START_S} s", _log_remedy(log))
    say("The engine answers but its health is red: an index has lost a shard. Look at souk status")


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _log_remedy(log: Path) -> str:
    return f"Mend what its log says (in {log.parent}):\n{last_lines(log)}"


def last_lines(log: Path) -> str:
    """The end of what the node said: its log, and what the JVM wrote to the console. Stack frames are left out."""
    lines = [line for file in (log, log.with_name(CONSOLE)) for line in _lines(file)]
    return "\n".join(f"  {line[:300]}" for line in lines[-SHOWN_LINES:]) or "  (it wrote nothing)"


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("\tat ")]

"""Are the nodes up, and together? Asked over plain HTTP on loopback, while their processes are watched."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from stack.errors import EngineStartError

START_S = 120
MORE_S = 60  # for each further node: they start side by side and share the cores
PAUSE_S = 0.25
ANSWER_S = 5
SHOWN_LINES = 15
CONSOLE = "console.log"

STATUSES = ("green", "yellow", "red")


@dataclass(frozen=True)
class Health:
    """What a node says of its cluster: `status` is green, yellow or red, `nodes` how many it sees."""

    status: str
    nodes: int


@dataclass(frozen=True)
class Watched:
    """A node that is starting: where it will answer, its process, its log."""

    url: str
    process: psutil.Process
    log: Path


def health(url: str) -> Health | None:
    """The cluster as this node sees it; None while it does not answer or has not recovered its state."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/_cluster/health?timeout=1s")
        answer = connection.getresponse()
        body = answer.read()
        read = json.loads(body) if answer.status == 200 else {}
        found = Health(read["status"], int(read["number_of_nodes"]))
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
    return found if found.status in STATUSES else None


def wait_until_healthy(nodes: Sequence[Watched], say: Callable[[str], None]) -> None:
    """Return once each node sees all of them and the health is yellow or green.

    Raises EngineStartError with the end of the log when a process dies, or when one does not answer or join within
    120 s, 60 s more for each further node. A cluster that answers but stays red has lost data and not failed to start:
    that is said, not raised.
    """
    seconds = START_S + MORE_S * (len(nodes) - 1)
    deadline = time.monotonic() + seconds
    waiting, red = list(nodes), False
    while waiting and time.monotonic() < deadline:
        for node in nodes:
            if not alive(node.process):
                raise EngineStartError("the engine died at start", _log_remedy(node.log))
        seen = health(waiting[0].url)
        joined = seen is not None and seen.nodes >= len(nodes)
        red = joined and seen is not None and seen.status == "red"
        if joined and not red:
            waiting.pop(0)
        else:
            time.sleep(PAUSE_S)
    if red:
        say("The engine answers but its health is red: an index has lost a shard. Look at souk status")
    elif waiting:
        raise EngineStartError(_what_is_missing(waiting[0].url, len(nodes), seconds), _log_remedy(waiting[0].log))


def _what_is_missing(url: str, wanted: int, seconds: float) -> str:
    seen = health(url)
    if seen is None:
        return f"the engine at {url} did not answer within {seconds:g} s"
    return f"the engine at {url} sees {seen.nodes} of {wanted} nodes after {seconds:g} s"


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

"""Processes that are measured from outside: commands that log JSON lines, and servers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
import psutil
from pydantic import SecretStr

from stack.errors import SoukError
from stack.settings import ROOT, Settings

LOOK_EVERY_S = 0.05  # memory grows by batches, each of which takes longer
START_S = 120
STOP_S = 10
Event = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """A command that ended well. `events` are its JSON lines, `peak_rss` is in bytes, of it and its children."""

    events: list[Event]
    peak_rss: int

    @property
    def last(self) -> Event:
        return self.events[-1]


@dataclass(frozen=True)
class Server:
    """A server that answers at `host`:`port`."""

    host: str
    port: int
    process: psutil.Process


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a process these very settings, whatever ours and a souk.toml say."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")}
    mine = {
        f"SOUK_{name.upper()}": _as_text(value)
        for name in type(settings).model_fields
        if (value := getattr(settings, name)) is not None
    }
    return others | mine | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def run_logging(
    command: Sequence[str],
    settings: Settings,
    on_event: Callable[[Event], object] = lambda _: None,
    may_end_with: tuple[int, ...] = (0,),
) -> Finished:
    """Run a command that writes JSON lines to standard error; look at its memory meanwhile.

    Raises SoukError with its last words when it ends with another code, or without a JSON line.
    """
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    events: list[Event] = []
    words: list[str] = []
    assert child.stderr is not None
    listener = threading.Thread(target=_listen, args=(child.stderr, events, words, on_event), daemon=True)
    listener.start()
    try:
        peak = _peak_until_end(child)
    finally:
        _end(child)
        listener.join()
    if child.returncode not in may_end_with or not events:
        raise SoukError(f"{_short(command)} ended with {child.returncode}: {words[-1] if words else 'no message'}")
    return Finished(events, peak)


def _listen(stream: IO[bytes], events: list[Event], words: list[str], on_event: Callable[[Event], object]) -> None:
    for line in stream:
        if line.startswith(b"{"):
            events.append(orjson.loads(line))
            on_event(events[-1])
        elif line.strip():
            words.append(line.decode(errors="replace").strip())


def _peak_until_end(child: subprocess.Popen[bytes]) -> int:
    process, peak = psutil.Process(child.pid), 0
    while child.poll() is None:
        peak = max(peak, resident(process))
        time.sleep(LOOK_EVERY_S)
    return peak


def resident(process: psutil.Process) -> int:
    """Resident memory of a process and its children, in bytes; 0 when it is gone."""
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


@contextmanager
def serving(command: Sequence[str], settings: Settings) -> Iterator[Server]:
    """A server that runs within the block. It says where it is with a line that holds `http://host:port`.

    Raises SoukError with its last words when it ends first, or says nothing for two minutes.
    """
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as folder:
        said = Path(folder) / "said"
        with said.open("wb") as output:
            variables = environment(settings) | {"PYTHONUNBUFFERED": "1"}
            child = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield Server(settings.api_host, _wait_for_port(child, said, command), psutil.Process(child.pid))
        finally:
            _end(child)


def _wait_for_port(child: subprocess.Popen[bytes], said: Path, command: Sequence[str]) -> int:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines:
            if "http://" in line:
                return int(line.partition("http://")[2].split()[0].rstrip("/").rpartition(":")[2])
        if child.poll() is not None:
            break
        time.sleep(LOOK_EVERY_S)
    raise SoukError(f"{_short(command)} did not start: {lines[-1] if lines else 'no message'}")


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _short(command: Sequence[str]) -> str:
    return " ".join(part for part in command if part not in (sys.executable, "-c", "-m"))[:80]

"""What we remember of the engine we started, and whether that process is still the same one."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from stack.node.places import absolute, make_folder
from stack.processes import running
from stack.settings import Settings

FILE = "engine.json"


@dataclass(frozen=True)
class NodeState:
    """A started node. `create_time` (of the process, in seconds since 1970) tells it from a later one with that pid."""

    pid: int
    port: int
    transport_port: int
    url: str
    data_dir: str
    log_file: str
    java_home: str
    started_at: str
    create_time: float


def read_state(settings: Settings) -> NodeState | None:
    """The engine we started, when its process still runs. None otherwise: no file, a stale one, a broken one."""
    state = load_state(settings)
    return state if state is not None and process_of(state) is not None else None


def load_state(settings: Settings) -> NodeState | None:
    """What the file says, running or not. A file that cannot be understood counts as none."""
    try:
        return NodeState(**json.loads(_path(settings).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_state(settings: Settings, state: NodeState) -> None:
    """Write the file in one step: a reader sees the old one or the new one, never half of it."""
    path = _path(settings)
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=".engine-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(state), file, indent=2)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def forget_state(settings: Settings) -> None:
    _path(settings).unlink(missing_ok=True)


def process_of(state: NodeState) -> psutil.Process | None:
    """The process of a state; None when it ended or when its pid belongs to another process by now."""
    return running(state.pid, state.create_time)


def _path(settings: Settings) -> Path:
    return absolute(settings.state_dir) / FILE

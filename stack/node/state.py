"""What we remember of the nodes we started, and whether their processes are still the same ones."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
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
    number: int = 1
    snapshots: str = ""
    """The folder for snapshots as this node knows it: `path.repo`."""


def read_state(settings: Settings) -> NodeState | None:
    """The first node we started whose process still runs. None: no file, all gone, or a broken file."""
    return next((state for state in load_nodes(settings) if process_of(state) is not None), None)


def load_nodes(settings: Settings) -> tuple[NodeState, ...]:
    """The nodes of the file, running or not, by number. A file that cannot be understood counts as none."""
    try:
        read = json.loads(_path(settings).read_text(encoding="utf-8"))
        nodes = read.get("nodes", [read])  # else one node, as it was written before there were more
        return tuple(sorted((NodeState(**node) for node in nodes), key=lambda node: node.number))
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return ()


def write_nodes(settings: Settings, nodes: Sequence[NodeState]) -> None:
    """Write the file in one step: a reader sees the old one or the new one, never half of it. No nodes: no file."""
    path = _path(settings)
    if not nodes:
        path.unlink(missing_ok=True)
        return
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=".engine-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"nodes": [asdict(node) for node in nodes]}, file, indent=2)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def process_of(state: NodeState) -> psutil.Process | None:
    """The process of a state; None when it ended or when its pid belongs to another process by now."""
    return running(state.pid, state.create_time)


def _path(settings: Settings) -> Path:
    return absolute(settings.state_dir) / FILE

"""What is done to one node of a local cluster, and undone: killed, stopped, its disk filled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from opensearchpy import OpenSearch

from stack import node
from stack.client import engine_errors
from stack.errors import SoukError
from stack.node.config import node_name
from stack.node.state import NodeState, load_nodes
from stack.settings import Settings

DISK_MB = 700
FULL_MB = 60
"""What is left free on the small disk: below the flood stage, above what the engine needs to stay alive."""
SMALL_MARKS = {"low": "200mb", "high": "150mb", "flood_stage": "100mb"}
LOOKED_AT = "10s"  # how often the engine looks at its disks; 30 s by default, 10 s at least
Say = Callable[[str], None]


@dataclass(frozen=True)
class Fault:
    """A thing that can happen to a node. `undo_note` says how it ends."""

    name: str
    seconds: float
    undo_note: str
    manager: bool
    """Whether it befalls the cluster manager, else another node."""


FAULTS = {
    "kill": Fault("a node killed (-9)", 15, "souk up", manager=False),
    "manager": Fault("the cluster manager killed (-9)", 15, "souk up", manager=True),
    "pause": Fault("a node stopped (SIGSTOP)", 30, "SIGCONT", manager=False),
    "disk": Fault("a node's disk full", 40, "space returned", manager=False),
}


@contextmanager
def befallen(which: str, settings: Settings, client: OpenSearch, disk: Disk, say: Say) -> Iterator[NodeState]:
    """The fault holds within the block; after it everything was done that a person would do."""
    if which == "disk":
        with disk.filled(client):
            yield next(state for state in load_nodes(settings) if state.number == disk.number)
        return
    state = victim(settings, client, manager=FAULTS[which].manager)
    process = psutil.Process(state.pid)
    if which == "pause":
        process.send_signal(signal.SIGSTOP)
        try:
            yield state
        finally:
            process.send_signal(signal.SIGCONT)
        return
    process.kill()
    process.wait(20)
    try:
        yield state
    finally:
        node.start(settings, say=say)


def victim(settings: Settings, client: OpenSearch, *, manager: bool) -> NodeState:
    """The cluster manager's node, or the last of the others."""
    with engine_errors():
        rows = client.cat.cluster_manager(params={"format": "json"})
    chief = rows[0]["node"]
    return [state for state in load_nodes(settings) if (node_name(state.number) == chief) is manager][-1]


@dataclass
class Disk:
    """A small disk for the data of one node: a tmpfs where we may mount one, else marks set above what is free."""

    folder: Path
    number: int
    mounted: bool = False

    def mount(self) -> None:
        """Before the node starts. Only root may; without it the disk is made to look full (`filled`)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0755", "tmpfs", str(self.folder)]
            self.mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", str(self.folder)], check=False)
            self.mounted = False

    @property
    def kind(self) -> str:
        return f"a tmpfs of {DISK_MB} MB" if self.mounted else "marks above what is free on the real disk"

    def set_marks(self, client: OpenSearch) -> None:
        """Marks that fit the small disk, and a look at the disks as often as the engine allows."""
        _put_marks(client, SMALL_MARKS)

    @contextmanager
    def filled(self, client: OpenSearch) -> Iterator[None]:
        if not self.mounted:
            free_gb = shutil.disk_usage(self.folder).free // 10**9
            _put_marks(client, dict.fromkeys(SMALL_MARKS, f"{free_gb + 5}gb"))
            try:
                yield
            finally:
                self.set_marks(client)
            return
        filler = self.folder / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.folder).free - FULL_MB * 10**6)
        try:
            yield
        finally:
            filler.unlink()


def _put_marks(client: OpenSearch, marks: dict[str, str]) -> None:
    place = "cluster.routing.allocation.disk.watermark"
    values = {f"{place}.{mark}": value for mark, value in marks.items()} | {"cluster.info.update.interval": LOOKED_AT}
    with engine_errors():
        client.cluster.put_settings(body={"persistent": values})


def check_known(names: list[str]) -> None:
    """Raises SoukError for a fault that is not among `FAULTS`."""
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        raise SoukError(f"no such fault: {', '.join(unknown)}", f"There is: {', '.join(FAULTS)}")

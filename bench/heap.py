"""The heap that an engine needs, as far as it can be told from outside."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from opensearchpy import OpenSearch

from stack.node.state import NodeState, process_of

COLLECT_S = 60


def used_heap(client: OpenSearch, nodes: Sequence[NodeState]) -> int:
    """Bytes in use on the heaps of all nodes: after a full collection where they are local ones of ours.

    Without one (`collects` is false) it holds garbage, and differences mean little.
    """
    for node in nodes:
        _collect(node)
    if nodes:
        time.sleep(1.5)  # the engine's statistics of the JVM are up to a second old
    told = client.nodes.stats(metric="jvm", params={"filter_path": "nodes.*.jvm.mem.heap_used_in_bytes"})["nodes"]
    return sum(int(node["jvm"]["mem"]["heap_used_in_bytes"]) for node in told.values())


def collects(nodes: Sequence[NodeState]) -> bool:
    """Whether the JVMs can be asked to collect: they are ours, and their Java has `jcmd`."""
    return bool(nodes) and all(_jcmd(node) and process_of(node) for node in nodes)


def _collect(node: NodeState) -> None:
    jcmd, process = _jcmd(node), process_of(node)
    if jcmd is None or process is None:
        return
    uid, gid = process.uids().effective, process.gids().effective  # a JVM listens to its own user only
    as_user = {"user": uid, "group": gid, "extra_groups": []} if uid != psutil.Process().uids().effective else {}
    subprocess.run(  # type: ignore[call-overload]
        [jcmd, str(node.pid), "GC.run"], cwd="/", capture_output=True, timeout=COLLECT_S, check=False, **as_user
    )


def _jcmd(node: NodeState) -> str | None:
    return shutil.which("jcmd", path=str(Path(node.java_home) / "bin"))

"""What the figures were measured on."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from opensearchpy import OpenSearch

from stack.client import engine_errors

QUIET = 0.25  # load average a core
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """The machine, the engine and the data. `load` is the 1-minute load average before the run."""

    date: str
    cpu: str
    cores: int
    memory_gb: float
    load: float
    system: str
    python: str
    opensearch: str
    heap_gb: float
    catalogue: str
    documents: dict[str, int] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        """Were others at work when the run began?"""
        return self.load > self.cores * QUIET


def describe(client: OpenSearch, catalogue: str, documents: dict[str, int], now: datetime, load: float) -> Machine:
    """Ask the system and the engine. Raises EngineError."""
    with engine_errors():
        version = client.info()["version"]["number"]
        nodes = client.nodes.info(metric="jvm", filter_path="nodes.*.jvm.mem.heap_max_in_bytes")["nodes"]
    heap = sum(node["jvm"]["mem"]["heap_max_in_bytes"] for node in nodes.values())
    return Machine(
        date=now.isoformat(timespec="seconds"),
        cpu=cpu_model(CPU_INFO.read_text(encoding="utf-8") if CPU_INFO.is_file() else ""),
        cores=psutil.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        load=round(load, 2),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        opensearch=f"{version} on {len(nodes)} node{'s' if len(nodes) > 1 else ''}",
        heap_gb=round(heap / 2**30, 2),
        catalogue=catalogue,
        documents=documents,
    )


def describe_line(client: OpenSearch) -> str:
    """The same in one line, for a small table. Raises EngineError."""
    found = describe(client, "", {}, datetime.now(UTC), psutil.getloadavg()[0])
    return (
        f"{found.cpu}, {found.cores} cores, {found.memory_gb:g} GB; OpenSearch {found.opensearch}, heap "
        f"{found.heap_gb:g} GB; load average {found.load:g}"
    )


def cpu_model(cpu_info: str) -> str:
    """The `model name` of Linux's /proc/cpuinfo; elsewhere what Python knows."""
    for line in cpu_info.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name" and value.strip():
            return " ".join(value.split())
    return platform.processor() or "unknown processor"

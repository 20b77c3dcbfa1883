"""The nodes of the local cluster: which run, which are missing, and what each is told of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count as counting
from pathlib import Path

import psutil

from stack.node.config import NodeConfig, log_file
from stack.node.health import Watched
from stack.node.java import Java
from stack.node.launch import free_ports, is_free
from stack.node.places import Places
from stack.node.state import NodeState, load_nodes, process_of, write_nodes
from stack.settings import Settings


@dataclass(frozen=True)
class Member:
    """A node that runs."""

    state: NodeState
    process: psutil.Process

    @property
    def watched(self) -> Watched:
        return Watched(self.state.url, self.process, Path(self.state.log_file))


def living(settings: Settings, say: Callable[[str], None]) -> list[Member]:
    """The nodes that run, by number. Those that are gone are said; the file goes when none is left."""
    found: list[Member] = []
    for state in load_nodes(settings):
        process = process_of(state)
        if process is not None:
            found.append(Member(state, process))
        else:
            say(f"The engine with pid {state.pid} is gone: its stale state is removed")
    if not found:
        write_nodes(settings, ())
    return found


def configs(
    settings: Settings, here: Sequence[Member], missing: Sequence[int], port: int, heap: str, java: Java, founders: int
) -> list[NodeConfig]:
    """What the missing nodes are started with. `port` is the first one's; `founders`: how many form the cluster now."""
    ports = ports_for(missing, port, {state.number: state for state in load_nodes(settings)})
    transports = {node.state.number: node.state.transport_port for node in here}
    transports |= {number: transport for number, (_, transport) in ports.items()}
    vectors = java.has_vector_module()
    return [
        NodeConfig(
            http,
            transport,
            heap,
            vectors,
            number=number,
            peers=tuple(peer for other, peer in sorted(transports.items()) if other != number),
            founders=tuple(range(1, founders + 1)),
        )
        for number, (http, transport) in ports.items()
    ]


def ports_for(missing: Sequence[int], first_port: int, known: Mapping[int, NodeState]) -> Mapping[int, tuple[int, int]]:
    """(HTTP, transport) ports for each number of `missing`: those it had, where they are free.

    The first node gets `first_port` whatever is there: that it is free was checked. The others get the next free ones.
    """
    transports = iter(free_ports(len(missing)))
    taken = {state.port for number, state in known.items() if number not in missing}
    found: dict[int, tuple[int, int]] = {}
    for number in missing:
        old = known.get(number)
        http = first_port if number == 1 else next(_candidates(old, first_port + number - 1, taken))
        kept = old is not None and is_free(old.transport_port)
        found[number] = http, old.transport_port if old is not None and kept else next(transports)
        taken.add(http)
    return found


def _candidates(old: NodeState | None, start: int, taken: set[int]) -> Iterator[int]:
    wanted = [old.port] if old is not None else []
    yield from (port for port in wanted if port not in taken and is_free(port))
    yield from (port for port in counting(start) if port not in taken and is_free(port))


def member(process: psutil.Process, node: NodeConfig, places: Places, java_home: Path) -> Member:
    """A node that was just started."""
    state = NodeState(
        pid=process.pid,
        port=node.port,
        transport_port=node.transport_port,
        url=f"http://127.0.0.1:{node.port}",
        data_dir=str(places.data),
        log_file=str(log_file(places)),
        java_home=str(java_home),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        create_time=process.create_time(),
        number=node.number,
        snapshots=str(places.snapshots),
    )
    return Member(state, process)

"""Starts and stops the local engine: one or more nodes on loopback that outlive the command that started them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from stack.errors import EngineStartError
from stack.node.config import NodeConfig, write_config
from stack.node.distribution import ensure_distribution
from stack.node.formation import Formation, node_count, read_formation, write_formation
from stack.node.health import wait_until_healthy
from stack.node.java import find_java
from stack.node.launch import end, need_free, spawn, within_reach
from stack.node.members import Member, configs, living, member
from stack.node.places import absolute, choose_places, make_folder, need_disk, prepare
from stack.node.state import NodeState, load_nodes, write_nodes
from stack.node.user import engine_user
from stack.settings import Settings

Say = Callable[[str], None]
DATA_MB = 500


@dataclass(frozen=True)
class _Asked:
    """What a start is to bring up. `nodes` is None where nobody named a number."""

    port: int
    data_dir: Path | None
    heap: str
    nodes: int | None


def start(
    settings: Settings,
    *,
    port: int | None = None,
    data_dir: Path | None = None,
    heap: str | None = None,
    nodes: int | None = None,
    say: Say,
) -> NodeState:
    """Start the engine, reuse the one that runs, start those of its nodes that died. Returns when all answer.

    `port` (of the first node), `data_dir`, `heap` (of each node, like `1g`) and `nodes` go before the settings; `say`
    gets one line for each step. Returns the first node. Raises EngineStartError.
    """
    with _locked(settings):
        here = living(settings, say)
        if here:
            first = load_nodes(settings)[0]
            _need_same(first, _wanted_port(settings, port), data_dir)
            port, data_dir = first.port, Path(first.data_dir)
        nodes = nodes or (settings.nodes if "nodes" in settings.model_fields_set else None)
        asked = _Asked(port or settings.engine_port, data_dir, heap or settings.engine_heap, nodes)
        return _bring_up(settings, asked, here, say)


def stop(settings: Settings, say: Say) -> bool:
    """Stop the nodes we started: TERM, and KILL after 20 s. False when none was running."""
    with _locked(settings):
        here = living(settings, say)
        if not here:
            return False
        try:
            end([node.process for node in here], say)
        except psutil.AccessDenied as error:
            pids = ", ".join(str(node.state.pid) for node in here)
            raise EngineStartError(
                f"the engine (pid {pids}) belongs to another user", "Run souk down as that user"
            ) from error
        write_nodes(settings, ())
        return True


def _wanted_port(settings: Settings, port: int | None) -> int | None:
    """The port somebody asked for; None when it is only the default."""
    return port or (settings.engine_port if "engine_port" in settings.model_fields_set else None)


def _need_same(state: NodeState, port: int | None, data_dir: Path | None) -> None:
    """Raises EngineStartError when the engine that runs is not the one that was asked for."""
    differs = [
        f"port {state.port}, not {port}" if port not in (None, state.port) else "",
        f"the data of {state.data_dir}" if data_dir and absolute(data_dir) != Path(state.data_dir) else "",
    ]
    if any(differs):
        raise EngineStartError(
            f"the engine of this state folder already runs on {' and '.join(filter(None, differs))}",
            "Run souk down first, or set SOUK_STATE_DIR to another folder for a second engine",
        )


def _bring_up(settings: Settings, asked: _Asked, here: list[Member], say: Say) -> NodeState:
    """The road of a start, in order. What can be refused is refused before anything is fetched or written."""
    running = [node.state.number for node in here]
    if 1 not in running:
        need_free(asked.port)
    user = engine_user(say if not here else _nobody)
    data = choose_places(settings, user, asked.data_dir, _nobody).data
    before = read_formation(data)
    count = node_count(before, asked.nodes, settings.nodes)
    missing = [number for number in range(1, count + 1) if number not in running]
    if not missing:
        return _reuse(here, say)
    java = find_java(settings, os.environ)
    say(f"Java {java.version} in {java.home} ({java.why})")
    places = {number: choose_places(settings, user, asked.data_dir, say, number) for number in missing}
    for each in places.values():
        need_disk(each.data, DATA_MB, "SOUK_STATE_DIR")
        prepare(each, user)
    java = within_reach(java, places[missing[0]], user, say)
    distribution = ensure_distribution(places[missing[0]].cache, java, say)
    formed = before is not None and before.formed
    # Noted before they start: a new node that has joined votes, and the old ones cannot elect without it.
    write_formation(data, Formation(count, formed))
    nodes = configs(settings, here, missing, asked.port, asked.heap, java, founders=0 if formed else count)

    def launch(node: NodeConfig) -> Member:
        mine = places[node.number]
        write_config(distribution, mine, node)
        say(f"Starting OpenSearch on port {node.port}, heap {node.heap}, data in {mine.data}")
        return member(spawn(distribution, mine, java, user), node, mine, java.home)

    _launch_all(settings, here, [partial(launch, node) for node in nodes], say)
    write_formation(data, Formation(count, formed=True))
    return load_nodes(settings)[0]


def _launch_all(settings: Settings, here: list[Member], launches: Sequence[Callable[[], Member]], say: Say) -> None:
    """Start the nodes, which find each other while they start, and wait for all. None of them stays when one fails."""
    before, started = load_nodes(settings), list[Member]()
    try:
        for launch in launches:
            started.append(launch())
            _remember(settings, before, started)  # before it answers, so that `souk down` can end one that hangs
        wait_until_healthy([node.watched for node in [*here, *started]], say)
    except BaseException:  # also on Ctrl-C: a node that nobody waits for would keep the port
        end([node.process for node in started], say)
        write_nodes(settings, before)
        raise
    for node in started:
        say(f"OpenSearch answers at {node.state.url} (pid {node.state.pid}, log {node.state.log_file})")


def _remember(settings: Settings, before: Sequence[NodeState], started: Sequence[Member]) -> None:
    """Note the nodes that started, each in place of what was known of its number."""
    known = {state.number: state for state in (*before, *(node.state for node in started))}
    write_nodes(settings, [known[number] for number in sorted(known)])


def _reuse(here: list[Member], say: Say) -> NodeState:
    wait_until_healthy([node.watched for node in here], say)
    for node in here:
        say(f"The engine already runs at {node.state.url} (pid {node.state.pid}): reused")
    return here[0].state


def _nobody(_: str) -> None:
    """A `say` for what was said before."""


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """One start or stop at a time for a state folder; the lock ends with the process."""
    folder = absolute(settings.state_dir)
    make_folder(folder)
    try:
        handle = (folder / ".engine.lock").open("w")
    except OSError as error:
        raise EngineStartError(
            f"{folder} belongs to {folder.owner()} and cannot be written by you",
            f"Run: sudo chown -R $USER {folder}; or set SOUK_STATE_DIR to a folder you own",
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield

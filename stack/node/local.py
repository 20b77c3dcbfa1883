"""Starts and stops the local engine: one node on loopback that outlives the command that started it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from stack.errors import EngineStartError
from stack.node.config import NodeConfig, log_file, write_config
from stack.node.distribution import ensure_distribution
from stack.node.health import wait_until_healthy
from stack.node.java import find_java
from stack.node.launch import end, free_port, need_free, spawn, within_reach
from stack.node.places import Places, absolute, choose_places, make_folder, need_disk, prepare
from stack.node.state import NodeState, forget_state, load_state, process_of, write_state
from stack.node.user import engine_user
from stack.settings import Settings

Say = Callable[[str], None]
DATA_MB = 500


def start(
    settings: Settings,
    *,
    port: int | None = None,
    data_dir: Path | None = None,
    heap: str | None = None,
    say: Say,
) -> NodeState:
    """Start the engine, or reuse the one that runs. Returns when it answers. Raises EngineStartError.

    `port`, `data_dir` and `heap` (like `1g`) go before the settings; `say` gets one line for each step.
    """
    with _locked(settings):
        if (running := _running(settings, say)) is not None:
            _need_same(running[0], _wanted_port(settings, port), data_dir)
            return _reuse(*running, say)
        return _start_new(settings, port or settings.engine_port, data_dir, heap or settings.engine_heap, say)


def stop(settings: Settings, say: Say) -> bool:
    """Stop the engine we started: TERM, and KILL after 20 s. False when none was running."""
    with _locked(settings):
        running = _running(settings, say)
        if running is None:
            return False
        state, process = running
        try:
            end(process, say)
        except psutil.AccessDenied as error:
            raise EngineStartError(
                f"the engine (pid {state.pid}) belongs to another user", "Run souk down as that user"
            ) from error
        forget_state(settings)
        return True


def _running(settings: Settings, say: Say) -> tuple[NodeState, psutil.Process] | None:
    """The live engine; the file of one that is gone is removed, which is said."""
    state = load_state(settings)
    if state is None:
        return None
    if (process := process_of(state)) is None:
        say(f"The engine with pid {state.pid} is gone: its stale state is removed")
        forget_state(settings)
        return None
    return state, process


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


def _reuse(state: NodeState, process: psutil.Process, say: Say) -> NodeState:
    wait_until_healthy(state.url, process, Path(state.log_file), say)
    say(f"The engine already runs at {state.url} (pid {state.pid}): reused")
    return state


def _start_new(settings: Settings, port: int, data_dir: Path | None, heap: str, say: Say) -> NodeState:
    """The road of a start, in order. What can be refused is refused before anything is fetched or written."""
    need_free(port)
    java = find_java(settings, os.environ)
    say(f"Java {java.version} in {java.home} ({java.why})")
    user = engine_user(say)
    places = choose_places(settings, user, data_dir, say)
    need_disk(places.data, DATA_MB, "SOUK_STATE_DIR")
    prepare(places, user)
    java = within_reach(java, places, user, say)
    distribution = ensure_distribution(places.cache, java, say)
    node = NodeConfig(port, free_port(), heap, java.has_vector_module())
    write_config(distribution, places, node)
    say(f"Starting OpenSearch on port {port}, heap {heap}, data in {places.data}")
    process = spawn(distribution, places, java, user)
    return _watch(settings, _state(process, node, places, java.home), process, say)


def _state(process: psutil.Process, node: NodeConfig, places: Places, java_home: Path) -> NodeState:
    return NodeState(
        pid=process.pid,
        port=node.port,
        transport_port=node.transport_port,
        url=f"http://127.0.0.1:{node.port}",
        data_dir=str(places.data),
        log_file=str(log_file(places)),
        java_home=str(java_home),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        create_time=process.create_time(),
    )


def _watch(settings: Settings, state: NodeState, process: psutil.Process, say: Say) -> NodeState:
    try:
        write_state(settings, state)  # before it answers, so that `souk down` can end one that hangs
        wait_until_healthy(state.url, process, Path(state.log_file), say)
    except BaseException:  # also on Ctrl-C: a node that nobody waits for would keep the port
        end(process, say)
        forget_state(settings)
        raise
    say(f"OpenSearch answers at {state.url} (pid {state.pid}, log {state.log_file})")
    return state


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

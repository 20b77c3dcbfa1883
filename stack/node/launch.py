"""The node's process: made in a session of its own, ended by its pid."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

from stack.errors import EngineStartError
from stack.node.health import CONSOLE
from stack.node.java import Java
from stack.node.places import Places, create_file, make_folder
from stack.node.user import EngineUser

STOP_S = 20
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "HOSTNAME", "OPENSEARCH_JAVA_OPTS")


def spawn(distribution: Path, places: Places, java: Java, user: EngineUser | None) -> psutil.Process:
    """Start `bin/opensearch`, which becomes the JVM by exec, so that its pid is the node's.

    It gets few variables: it needs no password of ours, and OPENSEARCH_HOME would lead it elsewhere.
    """
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
        "HOME": str(places.node),
        "OPENSEARCH_JAVA_HOME": str(java.home),
        "OPENSEARCH_PATH_CONF": str(places.config),
    }
    if not any(letter.isspace() for letter in str(places.tmp)):  # its script splits this option at blanks
        environment["OPENSEARCH_TMPDIR"] = str(places.tmp)
    for old in places.logs.glob("*.log"):  # so that what is shown after a failure is of this start
        old.replace(old.with_suffix(".log.old"))
    switch = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    with create_file(places.logs / CONSOLE) as console:
        child = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
            [str(distribution / "bin" / "opensearch")],
            cwd=distribution,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in our terminal is not for the engine
            umask=0o022,
            **switch,
        )
    process = psutil.Process(child.pid)
    child.returncode = 0  # it is meant to outlive us: no warning about a child that still runs
    return process


def end(processes: Sequence[psutil.Process], say: Callable[[str], None]) -> None:
    """TERM to all, and KILL to those that are there after 20 s. Returns when they are gone."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(processes, STOP_S)
    for process in left:
        say(f"The engine (pid {process.pid}) did not end within {STOP_S} s: killed")
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, STOP_S)


def need_free(port: int) -> None:
    """Raises EngineStartError when something listens on the port already, or when we may not use it."""
    remedy = "Choose another with souk up --port P or SOUK_ENGINE_PORT"
    try:
        _bind(port).close()
    except PermissionError as error:
        raise EngineStartError(f"port {port} needs rights we do not have", remedy) from error
    except OSError as error:
        raise EngineStartError(f"port {port} is in use by another program", remedy) from error


def is_free(port: int) -> bool:
    """Whether we could listen on the port now."""
    try:
        _bind(port).close()
    except (OSError, OverflowError):  # above 65535
        return False
    return True


def free_port() -> int:
    """A port nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Different ports nobody listens on now."""
    probes = [_bind(0) for _ in range(count)]
    try:
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _bind(port: int) -> socket.socket:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # As the engine does it: without this a port whose last connections are still closing counts as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    except BaseException:
        probe.close()
        raise
    return probe


def within_reach(java: Java, places: Places, user: EngineUser | None, say: Callable[[str], None]) -> Java:
    """The runtime itself, or under root, where the engine's user cannot enter its folder, a copy in the cache."""
    if user is None or user.can_run(java.executable):
        return java
    home = places.cache / "engine" / f"java-{java.version}-{java.home.stat().st_ino}"
    if not home.is_dir():
        say(f"User {user.name} cannot enter {java.home}: copied to {home}")
        _copy(java.home, home)
    return replace(java, home=home)


def _copy(source: Path, target: Path) -> None:
    make_folder(target.parent)
    work = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        shutil.copytree(source, work)
        for path in (work, *work.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        work.rename(target)
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        if not target.is_dir():  # else another process was faster with the same copy
            raise EngineStartError(
                f"cannot copy Java from {source} to {target}: {error}", "Set SOUK_JAVA_HOME to a JDK anybody may run"
            ) from error

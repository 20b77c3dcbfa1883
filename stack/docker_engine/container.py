"""`souk up --engine docker` and its end: one container of the official image, on loopback, data in a volume.

Security is off, as in the local engine: the port is published on 127.0.0.1 alone. A cluster with users, TLS and more
nodes is what `docker-compose.yml` is for.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import Ulimit

from stack.docker_engine.daemon import daemon, docker_errors, reason_of
from stack.docker_engine.image import ensure_image
from stack.docker_engine.state import DockerState, forget_state, read_state, write_state
from stack.errors import ConfigError, EngineStartError
from stack.node.health import health
from stack.node.launch import need_free
from stack.node.places import absolute
from stack.node.state import read_state as read_local
from stack.settings import Settings

Say = Callable[[str], None]
NAME = "souk-engine"
VOLUME = "souk-engine-data"
LABEL = "souk.port"
"""The label that says that a container is ours, and the port that it was given."""
USER = 1000  # of the engine in the official image
START_S = 180
PAUSE_S = 0.25
STOP_S = 30
SHOWN_LINES = 15
PORT_TAKEN = re.compile(r"port is already allocated|address already in use")


def start(settings: Settings, *, port: int | None = None, say: Say) -> DockerState:
    """Start the container, or reuse the one that runs. Returns when it answers.

    Raises EngineStartError, and ConfigError when more than one node is asked for.
    """
    if settings.nodes > 1:
        raise ConfigError(
            "--engine docker has one node", "For three use the profile of docker-compose.yml, or souk up --nodes"
        )
    if local := read_local(settings):
        raise EngineStartError(f"the local engine already runs at {local.url}", "Run souk down first")
    with daemon() as client:
        found = _find(client)
        if found is not None and found.status == "running":
            return _reuse(settings, found, _wanted_port(settings, port), say)
        if found is not None:
            say(f"The container {NAME} was {found.status}: it is made anew, its data stays")
            found.remove(force=True)
        return _start_new(client, settings, port or settings.engine_port, say)


def stop(settings: Settings, say: Say) -> bool:
    """Stop and remove the container that this state folder started; its volume stays. False when there was none."""
    if read_state(settings) is None:
        return False
    with daemon() as client:
        container = _find(client)
        if container is not None:
            say(f"Stopping the container {NAME}")
            with docker_errors(f"stop the container {NAME}"):
                container.stop(timeout=STOP_S)
                container.remove()
    forget_state(settings)
    return container is not None


def _find(client: DockerClient) -> Container | None:
    """Our container in whatever state. Raises EngineStartError when another one has its name."""
    try:
        container = client.containers.get(NAME)
    except NotFound:
        return None
    if LABEL not in container.labels:
        raise EngineStartError(
            f"a container {NAME} is there that souk did not make",
            f"Rename or remove it: docker rename {NAME} other-name",
        )
    return container


def _wanted_port(settings: Settings, port: int | None) -> int | None:
    """The port somebody asked for; None when it is only the default."""
    return port or (settings.engine_port if "engine_port" in settings.model_fields_set else None)


def _reuse(settings: Settings, container: Container, wanted: int | None, say: Say) -> DockerState:
    port = int(container.labels[LABEL])
    if wanted not in (None, port):
        raise EngineStartError(f"the container {NAME} already runs on port {port}, not {wanted}", "Run souk down first")
    state = _state(container, port)
    write_state(settings, state)
    _wait_until_healthy(container, state.url, say)
    say(f"The container {NAME} already runs at {state.url}: reused")
    return state


def _start_new(client: DockerClient, settings: Settings, port: int, say: Say) -> DockerState:
    need_free(port)
    image = ensure_image(client, say)
    snapshots = _snapshot_folder(settings, say)
    say(
        f"Starting the container {NAME} of {image} on port {port}, heap {settings.engine_heap}, data in volume {VOLUME}"
    )
    with docker_errors(f"make the container {NAME}"):
        container = client.containers.create(
            image,
            name=NAME,
            labels={LABEL: str(port)},
            environment=environment(settings, snapshots),
            ports={"9200/tcp": ("127.0.0.1", port)},
            volumes={
                VOLUME: {"bind": "/usr/share/opensearch/data", "mode": "rw"},
                str(snapshots): {"bind": str(snapshots), "mode": "rw"},
            },
            mem_limit=memory_limit(settings.engine_heap),
            ulimits=[Ulimit(name="nofile", soft=65536, hard=65536)],
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
        )
    state = _state(container, port)
    try:
        _run(container, port)
        write_state(settings, state)  # before it answers, so that `souk down` can end one that hangs
        _wait_until_healthy(container, state.url, say)
    except BaseException:  # also on Ctrl-C: a container that nobody waits for would keep the port
        container.remove(force=True)
        forget_state(settings)
        raise
    say(f"OpenSearch answers at {state.url} (container {NAME}; its log: docker logs {NAME})")
    return state


def environment(settings: Settings, snapshots: Path) -> dict[str, str]:
    """What the image's entry point turns into settings of the node."""
    return {
        "discovery.type": "single-node",
        "cluster.name": "souk",
        "node.name": NAME,
        "path.repo": str(snapshots),
        "OPENSEARCH_JAVA_OPTS": f"-Xms{settings.engine_heap} -Xmx{settings.engine_heap}",
        "DISABLE_SECURITY_PLUGIN": "true",
        "DISABLE_INSTALL_DEMO_CONFIG": "true",
        "DISABLE_PERFORMANCE_ANALYZER_AGENT_CLI": "true",
    }


def memory_limit(heap: str) -> int:
    """Bytes for the container: the heap, as much again for vector graphs and the JVM itself, and some for files."""
    return 2 * int(heap[:-1]) * {"m": 1024**2, "g": 1024**3}[heap[-1]] + 512 * 1024**2


def _run(container: Container, port: int) -> None:
    try:
        container.start()
    except APIError as error:
        if PORT_TAKEN.search(reason := reason_of(error)):
            raise EngineStartError(
                f"port {port} is in use by another program", "Choose another with souk up --port P or SOUK_ENGINE_PORT"
            ) from error
        raise EngineStartError(
            f"Docker could not start the container: {reason}", "Mend that, then run it again"
        ) from error


def _wait_until_healthy(container: Container, url: str, say: Say) -> None:
    """Return once the health is yellow or green. Raises EngineStartError with the end of its log."""
    until, red = time.monotonic() + START_S, False
    while time.monotonic() < until:
        container.reload()
        if container.status not in ("created", "running"):
            raise EngineStartError(f"the container {NAME} {_end_of(container)}", _log_remedy(container))
        seen = health(url)
        red = seen is not None and seen.status == "red"
        if seen is not None and not red:
            return
        time.sleep(PAUSE_S)
    if not red:
        raise EngineStartError(f"the container {NAME} did not answer within {START_S} s", _log_remedy(container))
    say("The engine answers but its health is red: an index has lost a shard. Look at souk status")


def _end_of(container: Container) -> str:
    state = container.attrs["State"]
    if state.get("OOMKilled"):
        return "was killed: it needed more memory than its limit"
    return f"ended with code {state.get('ExitCode')}"


def _log_remedy(container: Container) -> str:
    lines = container.logs(tail=SHOWN_LINES).decode("utf-8", errors="replace").splitlines()
    shown = "\n".join(f"  {line[:300]}" for line in lines if line.strip()) or "  (it wrote nothing)"
    return f"Mend what its log says:\n{shown}"


def _snapshot_folder(settings: Settings, say: Say) -> Path:
    """The folder of snapshots, under the same path inside and outside, where the engine's user may write."""
    folder = absolute(settings.snapshots)
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, USER, USER)
    elif os.geteuid() != USER and sys.platform == "linux":
        say(f"For snapshots the engine (user {USER}) must write in {folder}: sudo chown {USER} {folder}")
    return folder


def _state(container: Container, port: int) -> DockerState:
    return DockerState(
        container=str(container.id),
        image=str(container.attrs["Config"]["Image"]),
        port=port,
        url=f"http://127.0.0.1:{port}",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )

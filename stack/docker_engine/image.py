"""The official image: found, or pulled with its progress shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docker import DockerClient
from docker.errors import APIError, ImageNotFound
from rich.filesize import decimal

from stack.docker_engine.daemon import reason_of
from stack.errors import EngineStartError
from stack.node.distribution import coordinates

REPOSITORY = "opensearchproject/opensearch"
SHOWN_EVERY_S = 5.0
DONE = frozenset({"Download complete", "Pull complete", "Extracting", "Already exists"})


def image_name() -> str:
    """The image of the version that the local engine has too."""
    return f"{REPOSITORY}:{coordinates()['opensearch']}"


def ensure_image(client: DockerClient, say: Callable[[str], None]) -> str:
    """The name of an image that is here, pulled when it was not. Raises EngineStartError."""
    name = image_name()
    try:
        client.images.get(name)
    except ImageNotFound:
        say(f"Pulling {name} (once, about 1 GB)")
        _pull(client, name, say)
    return name


def _pull(client: DockerClient, name: str, say: Callable[[str], None]) -> None:
    repository, _, tag = name.rpartition(":")
    try:
        fault = show_progress(client.api.pull(repository, tag=tag, stream=True, decode=True), name, say)
    except APIError as error:
        fault = reason_of(error)
    if fault:
        raise EngineStartError(
            f"the image {name} could not be pulled: {fault}",
            "Check the network and Docker's proxy or mirror settings, or load it by docker load",
        )


def show_progress(
    events: Iterable[Mapping[str, Any]],
    name: str,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> str | None:
    """Follow the events of a pull, saying every few seconds how far it is. What the daemon complains of, else None."""
    had: dict[str, int] = {}
    all_of: dict[str, int] = {}
    shown = clock()
    for event in events:
        if "error" in event:
            return str(event["error"])
        layer, status, progress = str(event.get("id", "")), event.get("status"), event.get("progressDetail") or {}
        if status == "Downloading" and "total" in progress:
            had[layer], all_of[layer] = int(progress["current"]), int(progress["total"])
        elif status in DONE and layer in all_of:
            had[layer] = all_of[layer]
        if all_of and clock() - shown >= SHOWN_EVERY_S:
            shown = clock()
            say(f"Pulling {name}: {decimal(sum(had.values()))} of {decimal(sum(all_of.values()))} so far known")
    return None

"""The connection to Docker, and its errors in our own tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker import DockerClient
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from stack.errors import EngineStartError

ANSWER_S = 120
NO_DOCKER_NEEDED = "souk up without --engine docker needs no Docker"


@contextmanager
def daemon() -> Iterator[DockerClient]:
    """A client of the daemon that DOCKER_HOST names, else of the usual socket.

    Raises EngineStartError when there is none, when we may not use it, and for what it refuses within the block.
    """
    with docker_errors("work with Docker"):
        client = _connected()
        try:
            yield client
        finally:
            client.close()


def _connected() -> DockerClient:
    try:
        return docker.from_env(timeout=ANSWER_S)
    except (DockerException, RequestException) as error:
        if "Permission denied" in str(error):
            raise EngineStartError(
                "Docker runs, but you may not use it",
                f"Join the group docker (sudo usermod -aG docker $USER, then log in again). {NO_DOCKER_NEEDED}",
            ) from error
        raise EngineStartError(
            "no Docker daemon answers",
            "Start it (systemctl start docker, or Docker Desktop), or set DOCKER_HOST to where it is "
            f"(docker context inspect shows it). {NO_DOCKER_NEEDED}",
        ) from error


@contextmanager
def docker_errors(doing: str) -> Iterator[None]:
    """Within it an exception of Docker becomes EngineStartError: it could not do what `doing` says."""
    try:
        yield
    except APIError as error:
        raise EngineStartError(
            f"Docker could not {doing}: {reason_of(error)}", "Mend that, then run it again"
        ) from error
    except (DockerException, RequestException) as error:
        raise EngineStartError(f"Docker went away: {error}", "Is its daemon still running?") from error


def reason_of(error: APIError) -> str:
    """What the daemon said, in one line."""
    return " ".join(str(error.explanation or error).split())[:400]

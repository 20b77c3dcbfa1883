"""What we remember of the container we started, so that other commands find its port. Read without Docker."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.node.places import absolute, make_folder
from stack.settings import Settings

FILE = "docker.json"


@dataclass(frozen=True)
class DockerState:
    """A started container and the address that it answers at."""

    container: str
    image: str
    port: int
    url: str
    started_at: str


def read_state(settings: Settings) -> DockerState | None:
    """What the file says; whether it still runs only Docker knows. A file that cannot be understood counts as none."""
    try:
        return DockerState(**json.loads(_path(settings).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_state(settings: Settings, state: DockerState) -> None:
    path = _path(settings)
    make_folder(path.parent)
    path.write_text(json.dumps(asdict(state), indent=2), encoding="utf-8")


def forget_state(settings: Settings) -> None:
    _path(settings).unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    return absolute(settings.state_dir) / FILE

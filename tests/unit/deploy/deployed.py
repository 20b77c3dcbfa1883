"""`docker-compose.yml`, the Dockerfile and the scripts beside them, as the tests read them."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer
import yaml

from souk import app
from stack.settings import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "souk"}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:[-?][^}]*)?\}")


def interpolated(text: str) -> str:
    """What compose makes of it where no variable is set."""
    return VARIABLE.sub(lambda found: (found[2] or ":-")[2:], text)


def last_stage() -> str:
    return DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def image_environment() -> dict[str, str]:
    """ENV of the last stage."""
    joined = last_stage().replace("\\\n", " ")
    lines = [line.removeprefix("ENV ") for line in joined.splitlines() if line.startswith("ENV ")]
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line))


def script_commands(name: str) -> list[list[str]]:
    """The souk commands of a script under `deploy/`, their variables as in the image."""
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for variable, value in image_environment().items():
        text = text.replace(f"${variable}", value)
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("souk ")]


def parse(arguments: list[str]) -> None:
    """Parse as the souk command does, running nothing. Raises what it would say of a mistake."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("souk", list(arguments))
    while hasattr(command, "resolve_command"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)

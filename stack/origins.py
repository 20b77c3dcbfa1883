"""Each setting with its value and where that came from, for `souk settings`. Secrets stay covered."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from stack.client import shown_url
from stack.settings import Settings, config_file

COVER = "******"


@dataclass(frozen=True)
class Origin:
    """One setting: its value as text (secrets covered), where it came from, and what it is."""

    name: str
    value: str | None
    source: str
    description: str


def origins(settings: Settings, env: Mapping[str, str]) -> list[Origin]:
    """In the order of the class. `source` is the variable's name, the file's name or `default`."""
    file = config_file(env)
    in_file = _keys(file)
    in_env = {name.upper() for name in env}
    return [
        Origin(name, shown(getattr(settings, name)), _source(name, in_env, in_file, file), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def shown(value: Any) -> str | None:
    """A value as it is written in a variable; a secret as stars, an address without its password."""
    if value is None:
        return None
    if isinstance(value, SecretStr):
        return COVER
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return shown_url(value) if isinstance(value, str) else str(value)


def _source(name: str, in_env: set[str], in_file: set[str], file: Path) -> str:
    variable = f"SOUK_{name}".upper()
    if variable in in_env:
        return variable
    return file.name if name in in_file else "default"


def _keys(file: Path) -> set[str]:
    """The names in the file. It was read and checked by `load_settings`, so here it can only be absent."""
    return set(tomllib.loads(file.read_text(encoding="utf-8"))) if file.is_file() else set()

"""The numbers of walks, from `mappings/cursor.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.errors import ConfigError


class CursorRules(BaseModel):
    """`cursor.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_alive_s: Annotated[int, Field(ge=1, le=3_600)]
    shared_s: Annotated[float, Field(ge=0)]


@cache
def load_cursor_rules(mappings_dir: Path) -> CursorRules:
    """Read and check the file. Raises ConfigError that names every mistake with its field."""
    try:
        return CursorRules.model_validate(yaml.safe_load((mappings_dir / "cursor.yml").read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/cursor.yml: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [f"mappings/cursor.yml: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error

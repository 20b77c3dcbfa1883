"""The numbers of walks, from `mappings/cursor.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from stack.rule_file import read_rule_file


class CursorRules(BaseModel):
    """`cursor.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_alive_s: Annotated[int, Field(ge=1, le=3_600)]
    shared_s: Annotated[float, Field(ge=0)]


@cache
def load_cursor_rules(mappings_dir: Path) -> CursorRules:
    """Read and check the file. Raises ConfigError that names every mistake with its field."""
    return read_rule_file(CursorRules, mappings_dir, "cursor.yml")

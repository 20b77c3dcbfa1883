"""The numbers of `mappings/reindex.yml`, checked and frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.errors import ConfigError

Share = Annotated[float, Field(ge=0, le=1)]
Some = Annotated[int, Field(ge=1)]
FILE = "reindex.yml"


class ReindexRules(BaseModel):
    """Each number stands in the file with its reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: Annotated[int, Field(ge=1, le=5_000)]
    writers: Annotated[int, Field(ge=1, le=16)]
    small: Some
    small_embedding: Some
    rounds: Some
    hold_s: Annotated[float, Field(gt=0)]
    holds: Some
    parts: Annotated[int, Field(ge=16, le=65_536)]
    sample: Some
    title_loss: Share
    vector_found: Share
    keep: Some


def load_reindex_rules(folder: Path) -> ReindexRules:
    """Read the file. Raises ConfigError that names every mistake in it."""
    try:
        return ReindexRules.model_validate(yaml.safe_load((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(
            f"mappings/{FILE}: {error}", "Correct the file, or point SOUK_MAPPINGS_DIR elsewhere"
        ) from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"mappings/{FILE}: {faults}", "Correct the file") from error

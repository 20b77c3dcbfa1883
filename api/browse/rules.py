"""The numbers of the similar row, from `mappings/similar.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.errors import ConfigError

Weight = Annotated[float, Field(ge=0)]


class SimilarRules(BaseModel):
    """`similar.yml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: Annotated[int, Field(ge=10, le=1_000)]
    weight: dict[Literal["meaning", "category", "price"], Weight]
    price_fold: Annotated[float, Field(gt=1)]
    linked: Weight


@cache
def load_similar_rules(mappings_dir: Path) -> SimilarRules:
    """Read and check the file. Raises ConfigError that names every mistake with its field."""
    try:
        return SimilarRules.model_validate(yaml.safe_load((mappings_dir / "similar.yml").read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/similar.yml: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [
            f"mappings/similar.yml: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        ]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error

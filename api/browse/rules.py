"""The numbers of the similar row, from `mappings/similar.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stack.rule_file import read_rule_file

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
    return read_rule_file(SimilarRules, mappings_dir, "similar.yml")

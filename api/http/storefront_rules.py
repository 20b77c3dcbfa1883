"""What people tune of the storefront, from `mappings/storefront.yml`, checked and frozen."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.model import MAX_SIZE, FilterValue, SearchRequest
from stack.documents import Kind
from stack.errors import ConfigError

Size = Annotated[int, Field(ge=1, le=MAX_SIZE)]


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShelfRules(_Rules):
    """A shelf of the home page: the search that fills it, and how many of what it finds are shown."""

    title: str
    types: list[Kind]
    filters: dict[str, FilterValue] = {}
    sort: str
    size: Size
    fetch: Size
    order: Literal["found", "saving"] = "found"

    def request(self, size: int | None = None) -> SearchRequest:
        """The search of the shelf: without `size`, the one that its "See all" leads to."""
        asked = SearchRequest(types=self.types, filters=self.filters, sort=self.sort)
        return asked if size is None else asked.model_copy(update={"size": size})


class StorefrontRules(_Rules):
    shelves: dict[str, ShelfRules]
    tiles: Annotated[int, Field(ge=0, le=100)]
    least_saving: Annotated[int, Field(ge=0, le=100)]
    price_steps: Annotated[list[float], Field(min_length=2)]


@cache
def load_storefront(mappings_dir: Path) -> StorefrontRules:
    """Read `storefront.yml`. Raises ConfigError with what is wrong in it."""
    file = mappings_dir / "storefront.yml"
    try:
        return StorefrontRules.model_validate(yaml.safe_load(file.read_text()))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"{file.name}: {error}", "Correct the file, or take the one of the release") from error

"""The catalogue of public field names, from `mappings/fields.yml`: what can be filtered, counted and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from stack.documents import Kind
from stack.errors import ConfigError

ATTRIBUTE = "attr."
LONGEST_ATTRIBUTE = 256  # as documents have them (`documents.Label`)


class Field(BaseModel):
    """A field that can be filtered by, and counted when `facet`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    type: Literal["term", "range", "flag", "hierarchy"]
    field: str
    kinds: tuple[Kind, ...]
    facet: bool = False


class Sort(BaseModel):
    """An order; `kinds` maps each kind that has it to its index field (None: by score)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    order: Literal["asc", "desc"] = "desc"
    kinds: dict[Kind, str | None]


class FieldCatalog(BaseModel):
    """All public fields and sorts, by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by_name: dict[str, Field]
    sorts_by_name: dict[str, Sort]
    facet_size: int
    hierarchy_facet_size: int

    def facet_size_of(self, field: Field) -> int:
        """How many values of a field are counted."""
        return self.hierarchy_facet_size if field.type == "hierarchy" else self.facet_size

    def filters(self, types: Sequence[Kind]) -> list[Field]:
        """The fields that at least one of the types has."""
        return [field for field in self.by_name.values() if set(field.kinds) & set(types)]

    def facets(self, types: Sequence[Kind]) -> list[Field]:
        """The fields that can be counted for at least one of the types."""
        return [field for field in self.filters(types) if field.facet]

    def sorts(self, types: Sequence[Kind]) -> list[Sort]:
        """The orders that at least one of the types has."""
        return [sort for sort in self.sorts_by_name.values() if set(sort.kinds) & set(types)]

    def find(self, name: str) -> Field | None:
        """The field of a public name; `attr.<name>` is any attribute of a product."""
        label = name.removeprefix(ATTRIBUTE)
        if label != name and 0 < len(label) <= LONGEST_ATTRIBUTE:
            return Field(name=name, label=label, type="term", field="attribute_values", kinds=("product",), facet=True)
        return self.by_name.get(name)


@cache
def load_fields(mappings_dir: Path) -> FieldCatalog:
    """Read `mappings/fields.yml`. Raises ConfigError with what is wrong in it."""
    file = mappings_dir / "fields.yml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return FieldCatalog(
            by_name={name: Field(name=name, **field) for name, field in content["filters"].items()},
            sorts_by_name={name: Sort(name=name, **sort) for name, sort in content["sorts"].items()},
            facet_size=content["facet_size"],
            hierarchy_facet_size=content.get("hierarchy_facet_size", content["facet_size"]),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValidationError) as error:
        raise ConfigError(f"mappings/fields.yml: {error}", "Correct the file") from error

"""What browsing answers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.model import Frozen
from stack.documents import Kind


class SimilarItem(Frozen):
    """An item beside another; `score` compares within one answer."""

    type: Kind
    id: str
    score: float
    document: dict[str, Any]


class Similar(Frozen):
    """Best first; what can be bought or watched now stands before what cannot."""

    items: list[SimilarItem]


class Category(Frozen):
    """A node of the tree. `value` is what the filter `category` takes."""

    name: str = Field(examples=["Headphones"])
    path: list[str] = Field(examples=[["Electronics", "Audio", "Headphones"]])
    value: str = Field(examples=["Electronics > Audio > Headphones"])
    count: int = Field(description="documents of all types that were asked for, here and below")
    counts: dict[Kind, int] = Field(description="the same by type")
    children: list[Category] = Field([], description="what is below it, the fullest first")


class Categories(Frozen):
    """The roots, the fullest first; below each the same."""

    categories: list[Category]


class FacetChoice(Frozen):
    """A value of a facet: `value` is what the filter takes, `label` what a person reads."""

    value: str | bool | float
    label: str
    count: int


class FacetChoices(Frozen):
    """The values of one field, most frequent first."""

    field: str
    values: list[FacetChoice]

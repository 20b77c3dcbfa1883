"""The filter form of the page: groups of choices with counts, a price range, and what it must carry along unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.http.formats import Formats
from api.http.page_categories import CATEGORY, Way, everywhere, way
from api.http.query_params import Pairs, text, to_pairs
from api.model import Answer, Facet, FilterValue, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog

PRICE, STOCK = "price", "in_stock"
SHOWN = 6
"""Choices of a group that are seen at once; the others open on demand."""
LONG = 15
"""Choices from which one would rather type than read."""


@dataclass(frozen=True)
class Choice:
    """A value to tick. `count` is None where the engine gave none."""

    value: str
    label: str
    count: int | None
    checked: bool


@dataclass(frozen=True)
class Group:
    """The choices of one field."""

    field: str
    label: str
    choices: list[Choice]

    @property
    def shown(self) -> list[Choice]:
        return self.choices[:SHOWN]

    @property
    def folded(self) -> list[Choice]:
        return self.choices[SHOWN:]

    @property
    def long(self) -> bool:
        return len(self.choices) >= LONG


@dataclass(frozen=True)
class PriceRange:
    low: str
    high: str


@dataclass(frozen=True)
class FilterForm:
    """`hidden` keeps everything of the request that has no field of its own in the form. Categories are links: one
    goes down or up, and a filter of the parent would hold all below it anyway."""

    way: Way | None
    everywhere: str
    groups: list[Group]
    price: PriceRange | None
    in_stock: Choice | None
    hidden: Pairs


def filter_form(asked: SearchRequest, answer: Answer, fields: FieldCatalog, formats: Formats) -> FilterForm:
    """The form for an answer: every counted field that leaves something to choose."""
    names = {field.name for field in fields.filters(asked.types)}
    facets = [facet for facet in answer.facets if facet.field not in (STOCK, CATEGORY)]
    groups = [group for facet in facets if (group := _group(facet, asked, fields, formats))]
    price = _price(asked.filters.get(PRICE)) if PRICE in names and _is_range(asked.filters.get(PRICE)) else None
    in_stock = _in_stock(asked, answer) if STOCK in names and _is_ticked(asked.filters.get(STOCK)) else None
    drawn = {group.field for group in groups}
    drawn |= {name for name, field in ((PRICE, price), (STOCK, in_stock)) if field is not None}
    return FilterForm(way(asked, answer), everywhere(asked), groups, price, in_stock, _hidden(asked, drawn))


def _hidden(asked: SearchRequest, drawn: set[str]) -> Pairs:
    rest = {field: value for field, value in asked.filters.items() if field not in drawn}
    kept = asked.model_copy(update={"filters": rest, "page": 1, "sort": "relevance"})  # sort has its own select
    return to_pairs(kept)


def _group(facet: Facet, asked: SearchRequest, fields: FieldCatalog, formats: Formats) -> Group | None:
    """The choices of a field; None when there is none but one that everything has."""
    chosen, known = asked.filters.get(facet.field), fields.find(facet.field)
    if known is None or isinstance(chosen, RangeFilter):
        return None
    selected = _texts(chosen)
    choices = [
        Choice(one, formats.value(facet.field, one), value.count, value.selected or one in selected)
        for value in facet.values
        for one in [text(value.value)]
    ]
    listed = {choice.value for choice in choices}
    if len(choices) < 2 and not selected:
        return None
    choices += [Choice(value, value, None, True) for value in selected if value not in listed]
    choices.sort(key=lambda choice: not choice.checked)  # stable: the chosen first, then by count
    return Group(facet.field, formats.words.gettext(known.label), choices)


def _is_range(value: FilterValue | None) -> bool:
    return value is None or isinstance(value, RangeFilter)


def _is_ticked(value: FilterValue | None) -> bool:
    """A box can say "in stock" or nothing; a filter on what is not in stock stays among the hidden."""
    return value is None or _texts(value) == ["true"]


def _price(value: FilterValue | None) -> PriceRange:
    if not isinstance(value, RangeFilter):
        return PriceRange("", "")
    low, high = ("" if bound is None else text(bound) for bound in (value.gte, value.lte))
    return PriceRange(low, high)


def _in_stock(asked: SearchRequest, answer: Answer) -> Choice:
    values = next((facet.values for facet in answer.facets if facet.field == STOCK), [])
    count = next((value.count for value in values if text(value.value) == "true"), None)
    return Choice("true", text(True), count, "true" in _texts(asked.filters.get(STOCK)))


def _texts(value: FilterValue | None) -> list[str]:
    if value is None or isinstance(value, RangeFilter):
        return []
    values: list[Any] = value if isinstance(value, list) else [value]
    return [text(one) for one in values]

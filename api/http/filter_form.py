"""The filter form of the page: groups of choices with counts, a price range, and what it must carry along unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.http.query_params import Pairs, text, to_pairs
from api.model import Answer, Facet, FilterValue, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import CATEGORY_SEPARATOR

PRICE, STOCK, HIERARCHY = "price", "in_stock", "category"
SHOWN = 6
"""Choices of a group that are seen at once; the others open on demand."""


@dataclass(frozen=True)
class Choice:
    """A value to tick. `depth` is its level in a hierarchy; `count` is None where the engine gave none."""

    value: str
    label: str
    count: int | None
    checked: bool
    depth: int = 0


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


@dataclass(frozen=True)
class PriceRange:
    low: str
    high: str


@dataclass(frozen=True)
class FilterForm:
    """`hidden` keeps everything of the request that has no field of its own in the form."""

    groups: list[Group]
    price: PriceRange | None
    in_stock: Choice | None
    hidden: Pairs


def filter_form(asked: SearchRequest, answer: Answer, fields: FieldCatalog) -> FilterForm:
    """The form for an answer: every counted field that leaves something to choose."""
    names = {field.name for field in fields.filters(asked.types)}
    groups = [group for facet in answer.facets if facet.field != STOCK if (group := _group(facet, asked, fields))]
    price = _price(asked.filters.get(PRICE)) if PRICE in names and _is_range(asked.filters.get(PRICE)) else None
    in_stock = _in_stock(asked, answer) if STOCK in names and _is_ticked(asked.filters.get(STOCK)) else None
    drawn = {group.field for group in groups}
    drawn |= {name for name, field in ((PRICE, price), (STOCK, in_stock)) if field is not None}
    return FilterForm(groups, price, in_stock, _hidden(asked, drawn))


def _hidden(asked: SearchRequest, drawn: set[str]) -> Pairs:
    rest = {field: value for field, value in asked.filters.items() if field not in drawn}
    kept = asked.model_copy(update={"filters": rest, "page": 1, "sort": "relevance"})  # sort has its own select
    return to_pairs(kept)


def _group(facet: Facet, asked: SearchRequest, fields: FieldCatalog) -> Group | None:
    """The choices of a field; None when there is none but one that everything has."""
    chosen, known = asked.filters.get(facet.field), fields.find(facet.field)
    if known is None or isinstance(chosen, RangeFilter):
        return None
    selected = _texts(chosen)
    choices = [
        Choice(text(value.value), text(value.value), value.count, value.selected or text(value.value) in selected)
        for value in facet.values
    ]
    listed = {choice.value for choice in choices}
    if len(choices) < 2 and not selected:
        return None
    choices += [Choice(value, value, None, True) for value in selected if value not in listed]
    if facet.field == HIERARCHY:
        choices = _tree(choices)
    else:
        choices.sort(key=lambda choice: not choice.checked)  # stable: the chosen first, then by count
    return Group(facet.field, known.label, choices)


def _tree(choices: list[Choice]) -> list[Choice]:
    """Paths with children under their parents, siblings in the order given, each by the last part of its path."""
    rank = {choice.value: number for number, choice in enumerate(choices)}

    def place(choice: Choice) -> list[tuple[int, str]]:
        parts = choice.value.split(CATEGORY_SEPARATOR)
        prefixes = [CATEGORY_SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]
        return [(rank.get(prefix, len(rank)), prefix) for prefix in prefixes]

    ordered = sorted(choices, key=place)
    return [
        Choice(one.value, parts[-1], one.count, one.checked, len(parts) - 1)
        for one in ordered
        for parts in [one.value.split(CATEGORY_SEPARATOR)]
    ]


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
    return Choice("true", "In stock", count, "true" in _texts(asked.filters.get(STOCK)))


def _texts(value: FilterValue | None) -> list[str]:
    if value is None or isinstance(value, RangeFilter):
        return []
    values: list[Any] = value if isinstance(value, list) else [value]
    return [text(one) for one in values]

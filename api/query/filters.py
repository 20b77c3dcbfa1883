"""Filters: public name and value → clauses in filter context."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from api.model import FilterValue, RangeFilter
from api.query.fields import ATTRIBUTE, Field, FieldCatalog
from stack.documents import CATEGORY_SEPARATOR, Kind, attribute_values

Clause = dict[str, Any]


def filter_clauses(
    filters: dict[str, FilterValue], catalog: FieldCatalog, now: datetime, heartbeat_s: int, but: str | None = None
) -> list[Clause]:
    """The clauses of all filters, without the one named `but` (for the facet that ignores its own filter)."""
    return [
        _clause(field, value, now, heartbeat_s)
        for name, value in filters.items()
        if name != but and (field := catalog.find(name)) is not None
    ]


def kinds_with(names: list[str], kinds: list[Kind], catalog: FieldCatalog) -> list[Kind]:
    """The kinds that have all the fields: a video has no brand, so a filter on brand leaves videos out."""
    fields = [field for name in names if (field := catalog.find(name))]
    return [kind for kind in kinds if all(kind in field.kinds for field in fields)]


def _clause(field: Field, value: FilterValue, now: datetime, heartbeat_s: int) -> Clause:
    if isinstance(value, RangeFilter):
        return {"range": {field.field: value.model_dump(exclude_none=True)}}
    values = value if isinstance(value, list) else [value]
    if field.name == "status":
        return _any([_status(str(status), now, heartbeat_s) for status in values])
    return {"terms": {field.field: [index_value(field, item) for item in values]}}


def index_value(field: Field, value: str | bool | float) -> str | bool | float:
    """A filter's value as the index holds it: `Audio>Headphones` → `Audio > Headphones`, of `attr.x`: `x=value`."""
    if field.name.startswith(ATTRIBUTE):
        return attribute_values({field.label: value})[0]
    if field.type == "hierarchy":
        return CATEGORY_SEPARATOR.join(part.strip() for part in str(value).split(CATEGORY_SEPARATOR.strip()))
    return value


def live_now(now: datetime, heartbeat_s: int) -> Clause:
    """Lives that are on: they say so, and their heartbeat is fresh."""
    since = (now - timedelta(seconds=heartbeat_s)).isoformat()
    return {"bool": {"filter": [{"term": {"status": "live"}}, {"range": {"heartbeat_at": {"gte": since}}}]}}


def _status(status: str, now: datetime, heartbeat_s: int) -> Clause:
    fresh = live_now(now, heartbeat_s)
    if status == "live":
        return fresh
    if status == "ended":
        stale = {"bool": {"filter": [{"term": {"status": "live"}}], "must_not": [fresh]}}
        return _any([{"term": {"status": "ended"}}, stale])
    return {"term": {"status": status}}


def _any(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}

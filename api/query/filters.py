"""Filters: public name and value → clauses in filter context."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from api.model import FilterValue, RangeFilter
from api.query.fields import ATTRIBUTE, Field, FieldCatalog
from api.rooms import NO_ROOMS, Rooms
from stack.documents import CATEGORY_SEPARATOR, Kind, attribute_values

Clause = dict[str, Any]


def filter_clauses(
    filters: dict[str, FilterValue],
    catalog: FieldCatalog,
    now: datetime,
    heartbeat_s: int,
    but: str | None = None,
    rooms: Rooms = NO_ROOMS,
) -> list[Clause]:
    """The clauses of all filters, without the one named `but` (for the facet that ignores its own filter)."""
    return [
        _clause(field, value, now, heartbeat_s, rooms)
        for name, value in filters.items()
        if name != but and (field := catalog.find(name)) is not None
    ]


def kinds_with(names: list[str], kinds: list[Kind], catalog: FieldCatalog) -> list[Kind]:
    """The kinds that have all the fields: a video has no brand, so a filter on brand leaves videos out."""
    fields = [field for name in names if (field := catalog.find(name))]
    return [kind for kind in kinds if all(kind in field.kinds for field in fields)]


def _clause(field: Field, value: FilterValue, now: datetime, heartbeat_s: int, rooms: Rooms) -> Clause:
    if isinstance(value, RangeFilter):
        return {"range": {field.field: value.model_dump(exclude_none=True)}}
    values = value if isinstance(value, list) else [value]
    if field.name == "status":
        return _any([_status(str(status), now, heartbeat_s, rooms) for status in values])
    return {"terms": {field.field: [index_value(field, item) for item in values]}}


def index_value(field: Field, value: str | bool | float) -> str | bool | float:
    """A filter's value as the index holds it: `Audio>Headphones` → `Audio > Headphones`, of `attr.x`: `x=value`."""
    if field.name.startswith(ATTRIBUTE):
        return attribute_values({field.label: value})[0]
    if field.type == "hierarchy":
        return CATEGORY_SEPARATOR.join(part.strip() for part in str(value).split(CATEGORY_SEPARATOR.strip()))
    return value


def live_now(now: datetime, heartbeat_s: int, rooms: Rooms = NO_ROOMS) -> Clause:
    """Lives that are on: they say so, and their heartbeat is fresh, in their document or in their signal."""
    return _status("live", now, heartbeat_s, rooms)


def _status(status: str, now: datetime, heartbeat_s: int, rooms: Rooms) -> Clause:
    """Rooms of a status: those whose document says so, but for what their signals say."""
    stored = _stored_status(status, now, heartbeat_s, rooms)
    said = rooms.said(now, heartbeat_s)
    if not said:
        return stored
    these = sorted(id for id, known in said.items() if known == status)
    others = sorted(said.keys() - set(these))
    clause = _any([stored, {"terms": {"id": these}}] if these else [stored])
    return {"bool": {"filter": [clause], "must_not": [{"terms": {"id": others}}]}} if others else clause


def _stored_status(status: str, now: datetime, heartbeat_s: int, rooms: Rooms) -> Clause:
    since = (now - timedelta(seconds=heartbeat_s)).isoformat()
    beats: list[Clause] = [{"range": {"heartbeat_at": {"gte": since}}}]
    if beating := rooms.beating(now, heartbeat_s):
        beats.append({"terms": {"id": sorted(beating)}})
    fresh: Clause = {"bool": {"filter": [{"term": {"status": "live"}}, _any(beats)]}}
    if status == "live":
        return fresh
    if status == "ended":
        stale = {"bool": {"filter": [{"term": {"status": "live"}}], "must_not": [fresh]}}
        return _any([{"term": {"status": "ended"}}, stale])
    return {"term": {"status": status}}


def _any(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}

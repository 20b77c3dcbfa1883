"""Reading the engine's answers to recall: parts and responses → what each route found, totals and facet counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from api.fuse import Found
from api.lives import effective_status
from api.model import Facet, FacetValue, RangeFilter, SearchRequest, Total
from api.query.facets import aggregation_name, facet_value
from api.query.fields import FieldCatalog
from api.query.filters import index_value
from api.query.recall import Part
from api.rooms import NO_ROOMS, Rooms
from stack.documents import Kind


@dataclass
class Recalled:
    """What recall brought. `ended` are the ids of lives that are over; `took_ms` is the engine's own time."""

    routes: dict[Kind, dict[str, list[Found]]] = field(default_factory=dict)
    totals: dict[Kind, Total] = field(default_factory=dict)
    buckets: dict[str, dict[Any, int]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    partial: bool = False
    took_ms: float = 0.0

    @property
    def size(self) -> int:
        """Documents found, counted once a kind."""
        return sum(len({item.id for found in routes.values() for item in found}) for routes in self.routes.values())

    @property
    def counted(self) -> int:
        """Documents of all kinds that have most of the words."""
        return sum(total.value for total in self.totals.values())


def read_answers(
    parts: Sequence[Part],
    responses: Sequence[dict[str, Any]],
    catalog: FieldCatalog,
    now: datetime,
    heartbeat_s: int,
    rooms: Rooms = NO_ROOMS,
) -> Recalled:
    """Put the answers of an `_msearch` together. `rooms` tell of lives what is newer than their documents."""
    recalled = Recalled()
    for part, response in zip(parts, responses, strict=True):
        recalled.partial |= is_partial(response)
        recalled.took_ms = max(recalled.took_ms, float(response.get("took", 0)))
        if part.purpose == "count":
            _read_counts(recalled, part, response, catalog)
        else:
            hits = response.get("hits", {}).get("hits", [])
            ours = [hit for hit in hits if "id" in hit.get("fields", {})]  # a document without an id is not of ours
            recalled.routes.setdefault(part.kind, {})[part.purpose] = [_found(hit) for hit in ours]
            recalled.ended |= {_id(hit) for hit in ours if _is_over(hit, now, heartbeat_s, rooms)}
    return recalled


def is_partial(response: dict[str, Any]) -> bool:
    """Was the engine out of time, or did a shard fail while others answered?"""
    return bool(response.get("timed_out")) or bool(response.get("_shards", {}).get("failed"))


def _found(hit: dict[str, Any]) -> Found:
    return Found(_id(hit), float(hit.get("_score") or 0.0), tuple(hit.get("sort", ())))


def _id(hit: dict[str, Any]) -> str:
    return str(hit["fields"]["id"][0])


def _is_over(hit: dict[str, Any], now: datetime, heartbeat_s: int, rooms: Rooms) -> bool:
    fields = hit["fields"]
    beats = fields.get("heartbeat_at")
    beat = datetime.fromtimestamp(int(beats[0]) / 1000, UTC) if beats else None
    written = int(fields.get("updated_at", [0])[0])
    status, beat = rooms.state(_id(hit), fields.get("status", [None])[0], beat, written)
    return effective_status(status, beat, now, heartbeat_s) == "ended"


def _read_counts(recalled: Recalled, part: Part, response: dict[str, Any], catalog: FieldCatalog) -> None:
    total = response.get("hits", {}).get("total")
    if total is not None:
        recalled.totals[part.kind] = Total(value=total["value"], exact=total["relation"] == "eq")
    for name in part.facets:
        found = catalog.find(name)
        if found is None:
            continue
        counts = recalled.buckets.setdefault(name, {})
        for bucket in response.get("aggregations", {}).get(aggregation_name(name), {}).get("buckets", []):
            value = facet_value(found, bucket)
            counts[value] = counts.get(value, 0) + int(bucket["doc_count"])


def facets_of(recalled: Recalled, request: SearchRequest, catalog: FieldCatalog) -> list[Facet]:
    """The facets in the order that was asked for, most frequent value first; selected values are always there."""
    facets = []
    for name in request.facets:
        counts = dict(recalled.buckets.get(name, {}))
        selected = _selected(request, name, catalog)
        for value in selected:
            counts.setdefault(value, 0)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
        values = [FacetValue(value=value, count=count, selected=value in selected) for value, count in ordered]
        facets.append(Facet(field=name, values=values))
    return facets


def _selected(request: SearchRequest, name: str, catalog: FieldCatalog) -> list[str | bool | float]:
    """The values of a facet's own filter, written as its buckets are."""
    value, field = request.filters.get(name), catalog.find(name)
    if field is None or value is None or isinstance(value, RangeFilter):
        return []
    values = value if isinstance(value, list) else [value]
    return [index_value(field, each) for each in values] if field.type == "hierarchy" else values

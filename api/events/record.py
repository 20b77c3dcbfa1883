"""A search and its answer as one record of `ubi_queries`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import orjson

from api.events.writer import Entry
from api.model import Answer, FilterValue, RangeFilter, SearchRequest
from stack.behaviour import APPLICATION, QUERIES

Entrance = Literal["api", "page"]
LONGEST_FILTER = 256


def search_entry(
    asked: SearchRequest, answer: Answer, entrance: Entrance, client_id: str | None, now: datetime
) -> Entry:
    """The record that `stack.behaviour.Query` describes; made without its checks, in some 30 µs of the answer's thread.

    Nothing of it says who asked, unless the caller sent a `client_id`.
    """
    record: dict[str, Any] = {
        "application": APPLICATION,
        "query_id": answer.query_id,
        "user_query": asked.q,
        "timestamp": now,
        "object_id_field": "id",
        "query_response_id": answer.query_id,
        "query_response_hit_ids": [hit.id for hit in answer.hits],
        "query_attributes": _attributes(asked, answer, entrance),
    }
    if client_id:
        record["client_id"] = client_id
    return Entry(QUERIES, answer.query_id, orjson.dumps(record))


def _attributes(asked: SearchRequest, answer: Answer, entrance: Entrance) -> dict[str, Any]:
    totals: dict[str, int] = {kind: total.value for kind, total in answer.totals.items()}
    language = asked.language or answer.query.get("language")
    said: dict[str, Any] = {
        "entrance": entrance,
        "mode": answer.mode,
        "fusion": answer.fusion,
        "types": asked.types,
        "filters": list(_filters(asked.filters)),
        "sort": asked.sort,
        "page": answer.page,
        "size": answer.size,
        "total": sum(totals.values()),
        "totals": totals,
        # Something has the words. What is only near in meaning is shown too, so that hardly a row is ever empty: as
        # an answer it would hide what shoppers miss.
        "has_results": any(totals.values()),
        "corrected": bool(answer.query.get("corrections")),
        "relaxed": bool(answer.query.get("relaxed")),
        "degraded": answer.degraded,
        "models": [f"{kind}:{name}" for kind, name in answer.models.items()],
        "took_ms": answer.took_ms,
        "stage_ms": _stages(answer),
        "hit_types": [hit.type for hit in answer.hits],
    }
    return said | ({"language": str(language)} if language else {})


def _stages(answer: Answer) -> dict[str, float]:
    """Milliseconds by stage; a search that was relaxed goes through some of them twice."""
    spent: dict[str, float] = {}
    for stage in answer.stages:
        spent[stage.name] = round(spent.get(stage.name, 0.0) + stage.took_ms, 3)
    return spent


def _filters(filters: Mapping[str, FilterValue]) -> Iterator[str]:
    """`brand=HP`, `price=10..50`."""
    for name, value in filters.items():
        if isinstance(value, RangeFilter):
            low, high = ("" if edge is None else edge for edge in (value.gte, value.lte))
            yield f"{name}={low}..{high}"[:LONGEST_FILTER]
        else:
            for one in value if isinstance(value, list) else [value]:
                yield f"{name}={one}"[:LONGEST_FILTER]

"""A search as a record: it fits the schema, the join key is the answer's, and it says nothing of who asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from api.events.record import search_entry
from api.model import Answer, Hit, RangeFilter, SearchRequest, Stage, Total
from stack.behaviour import QUERIES, Query

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def answer(**changes: Any) -> Answer:
    usual: dict[str, Any] = {
        "query_id": "7d2a1f5e-6b1c-4a39-9c55-0f6de1c2b7aa",
        "q": "wirless mouse",
        "query": {"language": "en", "corrections": [{"from": "wirless", "to": "wireless"}], "relaxed": None},
        "mode": "portable",
        "fusion": "score",
        "models": {"product": "v7"},
        "page": 1,
        "size": 20,
        "totals": {"product": Total(value=40), "video": Total(value=2), "live": Total(value=0)},
        "reachable": 42,
        "hits": [
            Hit(type="product", id="p-1", position=1, score=1.0, document={}),
            Hit(type="video", id="v-1", position=2, score=0.5, document={}),
        ],
        "took_ms": 31.25,
        "stages": [
            Stage(name="embed", took_ms=2.0),
            Stage(name="recall", took_ms=10.5),
            Stage(name="relax", took_ms=3.0),
            Stage(name="embed", took_ms=1.5),
            Stage(name="recall", took_ms=9.25),
        ],
        "degraded": ["vector"],
    }
    return Answer(**(usual | changes))


def recorded(asked: SearchRequest, answered: Answer, client_id: str | None = None) -> Query:
    entry = search_entry(asked, answered, "page", client_id, NOW)
    assert (entry.log, entry.id) == (QUERIES, answered.query_id)
    return Query.model_validate(orjson.loads(entry.body))


def test_the_record_holds_what_was_asked_and_how_it_was_answered() -> None:
    price = RangeFilter(gte=10, lte=None)
    asked = SearchRequest(q="wirless mouse", filters={"brand": ["HP", "Acer"], "price": price, "in_stock": True})
    record = recorded(asked, answer(), "browser-1")
    assert (record.user_query, record.client_id, record.timestamp) == ("wirless mouse", "browser-1", NOW)
    assert record.query_response_hit_ids == ["p-1", "v-1"]
    said = record.query_attributes
    assert said is not None
    assert said.hit_types == ["product", "video"]
    assert said.filters == ["brand=HP", "brand=Acer", "price=10.0..", "in_stock=True"]
    assert (said.total, said.totals["video"], said.has_results) == (42, 2, True)
    assert (said.corrected, said.relaxed, said.degraded) == (True, False, ["vector"])
    assert said.models == ["product:v7"]


def test_a_stage_that_ran_twice_has_both_times() -> None:
    said = recorded(SearchRequest(q="x"), answer()).query_attributes
    assert said is not None
    assert said.stage_ms == {"embed": 3.5, "recall": 19.75, "relax": 3.0}


def test_rows_of_near_meaning_only_are_no_results() -> None:
    nothing = {"product": Total(value=0), "video": Total(value=0), "live": Total(value=0)}
    said = recorded(SearchRequest(q="zzz"), answer(totals=nothing)).query_attributes
    assert said is not None
    assert said.has_results is False


def test_nobody_is_named_who_named_nobody() -> None:
    assert recorded(SearchRequest(q="x"), answer()).client_id is None

"""`POST /v1/events`, and what a search leaves behind; over a core and an engine in memory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
from fake_core import FakeCore

from api.events.intake import Allowance
from api.events.tally import Tally
from api.events.writer import Entry, EventWriter
from api.http.app import create_app
from api.http.event_routes import Events, events_opener
from stack.behaviour import EVENTS, QUERIES, BehaviourRules, load_behaviour_rules
from stack.settings import ROOT, Settings

RULES = load_behaviour_rules(ROOT / "mappings")
CLICK = {"action_name": "click", "query_id": "q-1", "event_attributes": {"object": {"object_id": "p-1"}}}


class Shop:
    """The application with its events, and what it wrote by its end."""

    def __init__(self, core: FakeCore, rules: BehaviourRules = RULES) -> None:
        self.core = core
        self.rules = rules
        self.written: list[Entry] = []

    async def _send(self, entries: Sequence[Entry]) -> list[int]:
        self.written += entries
        return [201] * len(entries)

    @asynccontextmanager
    async def _opened(self, tally: Tally) -> AsyncIterator[Events]:
        async with EventWriter(self._send, self.rules.writer, tally) as writer:
            yield Events(writer, self.rules, Allowance(self.rules.intake))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(self.core.open, Settings(), self._opened)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
        ):
            yield client

    def records(self, log: str) -> list[dict[str, Any]]:
        return [orjson.loads(entry.body) for entry in self.written if entry.log == log]


@pytest.fixture
def shop(core: FakeCore) -> Shop:
    return Shop(core)


async def test_events_are_taken_and_written(shop: Shop) -> None:
    async with shop.serving() as http:
        one = await http.post("/v1/events", json=CLICK)
        two = await http.post("/v1/events", json=[{**CLICK, "query_id": "q-2"}, {**CLICK, "query_id": "q-3"}])
    assert (one.status_code, one.json()) == (202, {"taken": 1})
    assert (two.status_code, two.json()) == (202, {"taken": 2})
    assert [event["query_id"] for event in shop.records(EVENTS)] == ["q-1", "q-2", "q-3"]


async def test_a_beacon_of_a_page_is_taken_whatever_it_says_it_is(shop: Shop) -> None:
    async with shop.serving() as http:
        answer = await http.post("/v1/events", content=orjson.dumps([CLICK]), headers={"content-type": "text/plain"})
    assert answer.json() == {"taken": 1}


async def test_one_wrong_event_among_good_ones_is_named_and_none_is_taken(shop: Shop) -> None:
    async with shop.serving() as http:
        answer = await http.post("/v1/events", json=[CLICK, {"query_id": "q"}])
    assert answer.status_code == 422
    assert [mistake["where"] for mistake in answer.json()["mistakes"]] == ["[1].action_name"]
    assert shop.records(EVENTS) == []


async def test_too_large_a_body_and_too_many_events_a_second_are_refused(core: FakeCore) -> None:
    few = RULES.model_copy(update={"intake": RULES.intake.model_copy(update={"burst": 3, "per_second": 0.001})})
    shop = Shop(core, few)
    async with shop.serving() as http:
        large = await http.post("/v1/events", content=b"[" + b" " * 70_000 + b"]")
        first = await http.post("/v1/events", json=[{**CLICK, "query_id": str(n)} for n in range(3)])
        second = await http.post("/v1/events", json=CLICK)
    assert (large.status_code, first.status_code, second.status_code) == (413, 202, 429)
    assert second.headers["retry-after"] == "1"
    assert len(shop.records(EVENTS)) == 3


async def test_without_room_fewer_are_taken(core: FakeCore) -> None:
    small = RULES.model_copy(update={"writer": RULES.writer.model_copy(update={"waiting_bytes": 400})})
    shop = Shop(core, small)
    async with shop.serving() as http:
        answer = await http.post("/v1/events", json=[{**CLICK, "query_id": str(n)} for n in range(20)])
    taken = answer.json()["taken"]
    assert 0 < taken < 20
    assert len(shop.records(EVENTS)) == taken


async def test_switched_off_it_says_so(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/events", json=CLICK)
    assert answer.status_code == 409
    assert "SOUK_EVENTS" in answer.json()["remedy"]
    assert events_opener(Settings(events=False)) is None


async def test_each_search_is_written_and_the_answer_s_query_id_joins_it(shop: Shop) -> None:
    async with shop.serving() as http:
        answer = (await http.post("/v1/search", json={"q": "mouse", "size": 3})).json()
        await http.get("/v1/search", params={"q": "mouse", "filter.brand": "HP"})
    first, second = shop.records(QUERIES)
    assert first["query_id"] == answer["query_id"]
    assert first["query_response_hit_ids"] == [hit["id"] for hit in answer["hits"]]
    assert first["query_attributes"]["entrance"] == "api"
    assert second["query_attributes"]["filters"] == ["brand=HP"]


async def test_the_page_of_results_is_a_search_too(shop: Shop) -> None:
    async with shop.serving() as http:
        page = await http.get("/search", params={"q": "mouse"})
    assert page.status_code == 200
    assert [record["query_attributes"]["entrance"] for record in shop.records(QUERIES)] == ["page"]


async def test_debugging_and_operations_leave_nothing(shop: Shop) -> None:
    async with shop.serving() as http:
        await http.get("/v1/search", params={"q": "mouse", "debug": "1"})
        await http.post("/v1/query", json={"q": "mouse"})
        for address in ("/healthz", "/readyz", "/metrics", "/console/compare?a=full&b=hybrid&q=mouse"):
            await http.get(address)
    assert shop.written == []


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({}, None),
        ({"x-client-id": "app-7:42"}, "app-7:42"),
        ({"cookie": "souk_client=abc123"}, "abc123"),
        ({"x-client-id": "app-7", "cookie": "souk_client=abc123"}, "app-7"),
        ({"x-client-id": "Ada Lovelace <ada@example.org>"}, None),
        ({"x-client-id": "a" * 101}, None),
        ({"x-client-id": "app-7", "sec-gpc": "1"}, None),
    ],
)
async def test_a_client_is_known_only_by_the_token_that_it_gives(
    shop: Shop, headers: dict[str, str], kept: str | None
) -> None:
    async with shop.serving() as http:
        await http.get("/v1/search", params={"q": "mouse"}, headers={"user-agent": "odd/1", **headers})
        await http.post("/v1/events", json=CLICK, headers=headers)
    (search,), (event,) = shop.records(QUERIES), shop.records(EVENTS)
    assert (search.get("client_id"), event.get("client_id")) == (kept, kept)
    assert b"odd/1" not in b"".join(entry.body for entry in shop.written)


async def test_a_note_that_fails_costs_no_answer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: EventWriter, entry: Entry) -> bool:
        raise RuntimeError("no pen")

    monkeypatch.setattr(EventWriter, "put", broken)
    async with shop.serving() as http:
        assert (await http.get("/v1/search", params={"q": "mouse"})).status_code == 200


async def test_metrics_count_what_was_written(shop: Shop) -> None:
    async with shop.serving() as http:
        await http.post("/v1/events", json=CLICK)
        before = (await http.get("/metrics")).text
    assert 'souk_events_dropped_total{log="ubi_events",why="full"} 0.0' in before
    assert "souk_events_waiting 1.0" in before


async def test_the_schema_of_an_event_is_described(http: httpx.AsyncClient) -> None:
    operation = (await http.get("/openapi.json")).json()["paths"]["/v1/events"]["post"]
    one, many = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert one["required"] == ["action_name"]
    assert many["items"] == one
    assert "$ref" not in str(one)
    assert {"202", "409", "413", "422", "429"} <= operation["responses"].keys()


async def test_an_engine_that_is_away_slows_no_answer_and_no_end(core: FakeCore) -> None:
    """The real writer and client, at an address where nobody listens."""
    away = Settings(opensearch_url="http://127.0.0.1:9")
    app = create_app(core.open, away, events_opener(away))
    started = time.monotonic()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as http,
    ):
        for _ in range(20):
            assert (await http.get("/v1/search", params={"q": "mouse"})).status_code == 200
        assert "souk_events_waiting 20.0" in (await http.get("/metrics")).text
    assert time.monotonic() - started < RULES.writer.close_s + 3
    lost = app.state.metrics.registry.get_sample_value("souk_events_dropped_total", {"log": QUERIES, "why": "shutdown"})
    assert lost == 20

"""What happens is written down, on the real engine: searches of the API, events, imports; and each panel of the
dashboards has something to show of it."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from opensearchpy import OpenSearch
from running import run_souk
from typer.testing import CliRunner

from api.bootstrap import build_searcher
from api.events.importing import Refused, import_files
from api.http.app import create_app
from api.http.event_routes import events_opener
from learn.market.behaviour import Shoppers, write_behaviour
from souk import app as souk_app
from stack.behaviour import EVENTS, QUERIES, index_of
from stack.client import connect
from stack.dashboards.build import build
from stack.dashboards.requests import panel_request, shown
from stack.embedding import Encoder
from stack.settings import Settings

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def engine(market_settings: Settings) -> Any:
    with connect(market_settings) as client:
        yield client


@pytest.fixture(scope="module")
def behaviour(market_settings: Settings, run_settings: Settings, engine: OpenSearch) -> Path:
    """Two weeks of shoppers of the market, imported."""
    folder = run_settings.state_dir.parent
    out = folder / "behaviour"
    write_behaviour(Shoppers(folder / "market", 14, 300, 7, datetime.now(UTC)), out)
    run_souk(market_settings, "events", "import", *(str(out / f"{log}.jsonl") for log in (QUERIES, EVENTS)))
    return out


@pytest.fixture(scope="module")
def spare(make_indexes: Callable[..., Settings]) -> Settings:
    """Empty indexes; the tests at the end of this file use them one after the other, and the last takes one away."""
    return make_indexes("spare")


@asynccontextmanager
async def serving(settings: Settings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    """The real application with its writer; both end with the block."""
    app = create_app(lambda: build_searcher(settings, encoder), settings, events_opener(settings))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
    ):
        yield client


def documents(engine: OpenSearch, settings: Settings, log: str, **terms: str) -> list[dict[str, Any]]:
    index = f"{settings.index_prefix}-{log}"
    engine.indices.refresh(index=index)
    query = {"bool": {"filter": [{"term": {name.replace("__", "."): value}} for name, value in terms.items()]}}
    found = engine.search(index=index, body={"size": 100, "query": query, "sort": ["timestamp"]})
    return [hit["_source"] for hit in found["hits"]["hits"]]


async def test_a_search_and_its_events_are_joined_by_the_query_id(
    market_settings: Settings, encoder: Encoder, engine: OpenSearch
) -> None:
    async with serving(market_settings, encoder) as http:
        answer = (await http.get("/v1/search", params={"q": "headphones"}, headers={"x-client-id": "app-1"})).json()
        hit = answer["hits"][2]
        about = {"object_id": hit["id"], "object_id_type": hit["type"], "object_id_field": "id"}
        event = {
            "action_name": "click", "query_id": answer["query_id"],
            "event_attributes": {"object": about, "position": {"ordinal": hit["position"]}},
        }  # fmt: skip
        assert (await http.post("/v1/events", json=event)).json() == {"taken": 1}
    (search,) = documents(engine, market_settings, QUERIES, query_id=answer["query_id"])
    (click,) = documents(engine, market_settings, EVENTS, query_id=answer["query_id"])
    assert search["query_response_hit_ids"].index(hit["id"]) + 1 == click["event_attributes"]["position"]["ordinal"]
    said = search["query_attributes"]
    assert said["took_ms"] == answer["took_ms"]
    assert sum(said["stage_ms"].values()) == pytest.approx(sum(stage["took_ms"] for stage in answer["stages"]), abs=0.1)
    assert search["client_id"] == "app-1"
    assert search["indexed_at"] >= search["timestamp"][:19]


async def test_no_event_makes_a_field(market_settings: Settings, encoder: Encoder, engine: OpenSearch) -> None:
    def fields() -> str:
        return json.dumps(engine.indices.get_mapping(index=index_of(market_settings, EVENTS)), sort_keys=True)

    before = fields()
    hostile = [
        {"action_name": "hostile", "event_attributes": {f"{letter}{n}": n for n in range(50)}} for letter in "abcdefgh"
    ]
    async with serving(market_settings, encoder) as http:
        assert (await http.post("/v1/events", json=hostile)).json() == {"taken": 8}
        nested = {"action_name": "hostile", "event_attributes": {"a": {"b": {"c": 1}}}}
        dotted = {"action_name": "hostile", "event_attributes": {"position.ordinal": "x"}}
        for wrong in (nested, dotted):
            assert (await http.post("/v1/events", json=wrong)).status_code == 422
    assert len(documents(engine, market_settings, EVENTS, action_name="hostile")) == 8
    assert fields() == before


def test_a_second_import_changes_nothing(behaviour: Path, market_settings: Settings, engine: OpenSearch) -> None:
    indexes = ",".join(index_of(market_settings, log) for log in (QUERIES, EVENTS))
    before = engine.count(index=indexes)["count"]
    refused = Refused(behaviour / "refused.jsonl")
    files = [str(behaviour / f"{log}.jsonl") for log in (QUERIES, EVENTS)]
    done = import_files(engine, market_settings, files, refused)
    assert (done.written[QUERIES], done.written[EVENTS], done.refused) == (0, 0, 0)
    assert done.known == done.read > 1_000
    assert engine.count(index=indexes)["count"] == before


async def test_every_panel_has_something_to_show(
    behaviour: Path, market_settings: Settings, encoder: Encoder, engine: OpenSearch
) -> None:
    """Of two weeks of the market's shoppers, and, for the times of stages, of some searches of this API."""
    async with serving(market_settings, encoder) as http:
        for words in ("headphones", "laptop", "red dress", "wirless headphones", "lamp qqqq", "tent under 200"):
            assert (await http.get("/v1/search", params={"q": words})).status_code == 200
    engine.indices.refresh(index=f"{market_settings.index_prefix}-*")
    objects = build(market_settings.index_prefix)
    empty = []
    for panel in objects:
        if panel["type"] in ("visualization", "search"):
            request = panel_request(panel, objects, "now-14d")
            if not shown(engine.search(index=request.index, body=request.body), request):
                empty.append(panel["id"])
    assert empty == []


def test_each_run_of_ingestion_is_noted(market_settings: Settings, engine: OpenSearch) -> None:
    index = f"{market_settings.index_prefix}-ingest_runs"
    engine.indices.refresh(index=index)
    runs = [hit["_source"] for hit in engine.search(index=index, body={"size": 20})["hits"]["hits"]]
    products = next(run for run in runs if run["kind"] == "product")
    assert products["counts"]["read"] == products["counts"]["written"] == 600
    assert (products["ending"], products["exit_code"]) == ("finished", 0)
    assert products["sources"][0].endswith("products.jsonl")
    assert products["seconds"] > 0


def test_the_check_tells_of_empty_panels(spare: Settings) -> None:
    environment = {
        "SOUK_OPENSEARCH_URL": str(spare.opensearch_url),
        "SOUK_INDEX_PREFIX": spare.index_prefix,
        "COLUMNS": "200",
    }
    result = CliRunner().invoke(souk_app, ["dashboards", "check"], env=environment)
    assert result.exit_code == 1
    assert len([line for line in result.stdout.splitlines() if line.rstrip().endswith("none")]) >= 20


def test_what_cannot_be_imported_is_kept_with_its_reason(spare: Settings, engine: OpenSearch, tmp_path: Path) -> None:
    lines = [
        {"index": {}},
        {"query_id": "q-1", "user_query": "bag", "timestamp": "2025-03-01T12:00:00Z"},
        {"action_name": "click", "timestamp": "never"},
        {"query_id": "q-2", "user_query": "bag", "query_attributes": {"took_ms": "long"}},
    ]
    file = tmp_path / "log.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(map(orjson.dumps, lines)) + b"\n{oops\n"))
    refused = Refused(tmp_path / "refused.jsonl")
    done = import_files(engine, spare, [str(file)], refused)
    assert (done.read, done.written[QUERIES], done.refused) == (4, 1, 3)
    letters = [json.loads(line) for line in refused.path.read_text(encoding="utf-8").splitlines()]
    assert [(letter["line"], letter["reasons"][0]["field"]) for letter in letters] == [
        (3, "timestamp"), (4, "query_attributes.took_ms"), (5, "line"),
    ]  # fmt: skip


def test_an_import_goes_on_after_the_indexes_rolled_over(behaviour: Path, spare: Settings, engine: OpenSearch) -> None:
    events = str(behaviour / f"{EVENTS}.jsonl")
    refused = Refused(behaviour / "refused.jsonl")
    written = import_files(engine, spare, [events], refused).written[EVENTS]
    engine.indices.rollover(alias=index_of(spare, EVENTS))
    again = import_files(engine, spare, [events], refused)
    assert (again.written[EVENTS], again.known) == (0, again.read)
    assert engine.count(index=index_of(spare, EVENTS))["count"] == written


async def test_searches_go_on_while_the_log_has_no_index(
    spare: Settings, market_settings: Settings, encoder: Encoder, engine: OpenSearch
) -> None:
    """The writer's own indexes are gone: answers do not notice, and no index is made in their place."""
    engine.indices.delete(index=f"{spare.index_prefix}-ubi_queries-000001")
    app = create_app(lambda: build_searcher(market_settings, encoder), market_settings, events_opener(spare))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as http,
    ):
        assert (await http.get("/v1/search", params={"q": "headphones"})).status_code == 200
        lost = 'souk_events_dropped_total{log="ubi_queries",why="refused"} 1.0'
        async with asyncio.timeout(10):
            while lost not in (await http.get("/metrics")).text:  # noqa: ASYNC110  it has no event of its own
                await asyncio.sleep(0.1)
    assert not engine.indices.exists(index=index_of(spare, QUERIES))

"""Walking through everything by cursor: each document once, in order, while documents are written; and old cursors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from catalogue import NOW, ago
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk
from running import app_client

from api.bootstrap import build_searcher
from api.model import Answer, SearchRequest
from api.search import Searcher
from stack.client import connect
from stack.documents import Document, Live, Product, Video, index_body
from stack.embedding import Encoder
from stack.errors import ExpiredError, InputError
from stack.settings import Settings

pytestmark = pytest.mark.engine
PRODUCTS, OTHERS = 5_200, 80
Place = tuple[str, str]


def product(number: int, **fields: Any) -> Product:
    """Many with one price, some without any; added on few days, so that most tie."""
    price = None if number % 50 == 0 else (number * 37 % 400) / 4
    when = None if number % 70 == 0 else ago(days=number % 90)
    base = {"id": f"p{number:05}", "title": f"Item number {number} of many", "price": price, "created_at": when,
            "stock": number % 3, "sales": number * 7919 % 1_000, "updated_at": ago(days=1)}  # fmt: skip
    return Product(**(base | fields))


def shop() -> list[Document]:
    videos = [Video(id=f"v{n}", title=f"Video of many, {n}", views=n, published_at=ago(hours=n), updated_at=ago(days=1))
              for n in range(OTHERS)]  # fmt: skip
    lives = [Live(id=f"l{n}", title=f"Live of many, {n}", status="live", viewers=n, heartbeat_at=ago(seconds=n * 3),
                  updated_at=ago(hours=n)) for n in range(OTHERS)]  # fmt: skip
    return [*map(product, range(PRODUCTS)), *videos, *lives]


def put(client: OpenSearch, settings: Settings, documents: list[Document]) -> None:
    bulk(client, [{"_index": settings.alias(one.kind), "_id": one.id, **index_body(one)} for one in documents],
         refresh=True, chunk_size=2_000)  # fmt: skip


@pytest.fixture(scope="module")
def many(make_indexes: Callable[..., Settings]) -> Settings:
    """Some five thousand documents of three types, without vectors."""
    settings = make_indexes("walk")
    with connect(settings) as client:
        put(client, settings, shop())
    return settings


@pytest.fixture(scope="module")
async def walking(many: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    async with build_searcher(many, encoder) as built:
        yield replace(built, clock=lambda: NOW, deadline_s=10)


async def step(searcher: Searcher, cursor: str | None, **request: Any) -> Answer:
    return await searcher.search(SearchRequest(**({"size": 100, "cursor": cursor} | request)))


async def walk(searcher: Searcher, **request: Any) -> list[Place]:
    """All steps, and what an answer says on the way."""
    seen: list[Place] = []
    cursor: str | None = "*"
    while cursor:
        answer = await step(searcher, cursor, **request)
        assert [hit.position for hit in answer.hits] == list(range(len(seen) + 1, len(seen) + len(answer.hits) + 1))
        seen += [(hit.type, hit.id) for hit in answer.hits]
        cursor = answer.next_cursor
    return seen


async def test_five_thousand_documents_come_once_each_while_documents_are_written(
    walking: Searcher, many: Settings
) -> None:
    seen: list[Place] = []
    cursor: str | None = "*"
    changed = iter(range(0, PRODUCTS, 90))
    with connect(many) as client:
        while cursor:
            answer = await step(walking, cursor, sort="newest")
            seen += [(hit.type, hit.id) for hit in answer.hits]
            cursor = answer.next_cursor
            number = next(changed, 0)
            # One is put to the front of the order, one to its end, and new ones come everywhere.
            put(client, many, [product(number, created_at=NOW), product(number + 1, created_at=ago(days=5_000))])
            put(client, many, [product(90_000 + len(seen), created_at=ago(days=number % 90))])
        assert len(seen) == PRODUCTS + 2 * OTHERS
        assert len(set(seen)) == len(seen)
        assert set(seen) == {(one.kind, one.id) for one in shop()}
        client.delete_by_query(
            index=many.alias("product"), body={"query": {"range": {"id": {"gte": "p9"}}}}, params={"refresh": "true"}
        )
        put(client, many, shop()[:PRODUCTS])
    walking.walker.points.forget()


@pytest.mark.parametrize("order", ["price_asc", "price_desc"])
async def test_prices_are_in_order_and_none_is_missing(walking: Searcher, order: str) -> None:
    prices = {one.id: one.price for one in shop() if isinstance(one, Product)}
    walked = [prices[id_] for _, id_ in await walk(walking, sort=order)]
    known = [price for price in walked if price is not None]
    assert len(walked) == PRODUCTS
    assert walked[: len(known)] == known, "without a price last"
    assert known == sorted(known, reverse=order == "price_desc")
    page = await walking.search(SearchRequest(sort=order, page=2, size=50))
    assert [prices[hit.id] for hit in page.hits] == known[50:100], "by page number too"


@pytest.mark.parametrize(
    "request_",
    [
        {"sort": "newest", "types": ["video", "live"], "size": 7},
        {"sort": "popularity", "filters": {"price": {"lte": 3}}, "types": ["product"], "size": 11},
        {"q": "number 77 of many", "types": ["product"], "filters": {"in_stock": True}},
        {"q": "many", "types": ["video", "live"], "size": 9},
        {"types": ["live"], "size": 9},
        {"filters": {"status": "live"}, "size": 9},
        {"q": "nothing has these wordssss", "types": ["product"]},
        {"sort": "views", "types": ["product", "video"]},
    ],
)
async def test_a_walk_gives_as_many_as_are_counted(walking: Searcher, request_: dict[str, Any]) -> None:
    seen = await walk(walking, **request_)
    answer = await step(walking, "*", **request_)
    assert len(seen) == len(set(seen)) == sum(total.value for total in answer.totals.values())
    assert seen[: len(answer.hits)] == [(hit.type, hit.id) for hit in answer.hits]
    if request_.get("sort") and seen:  # the same order as pages by number
        paged = await walking.search(SearchRequest(**(request_ | {"size": 50})))
        assert [(hit.type, hit.id) for hit in paged.hits] == seen[:50]


async def test_relevance_is_by_the_words_and_counts_facets(walking: Searcher) -> None:
    answer = await step(walking, "*", q="item number 77", types=["product"], facets=["in_stock"], size=5)
    assert answer.hits[0].id == "p00077"
    assert [stage.name for stage in answer.stages] == ["understand", "walk", "count", "fetch"]
    assert sum(value.count for value in answer.facets[0].values) == answer.totals["product"].value


async def test_the_size_of_a_page_may_change(walking: Searcher) -> None:
    first = await step(walking, "*", sort="newest", types=["video"], size=3)
    second = await step(walking, first.next_cursor, sort="newest", types=["video"], size=40)
    assert [hit.id for hit in [*first.hits, *second.hits]] == [f"v{n}" for n in range(43)]


@pytest.mark.parametrize(
    "change", [{"q": "other"}, {"sort": "price_asc"}, {"filters": {"brand": "HP"}}, {"types": ["live"]}]
)
async def test_a_cursor_of_another_search_is_named(walking: Searcher, change: dict[str, Any]) -> None:
    first = await step(walking, "*", q="many", sort="newest")
    with pytest.raises(InputError, match="belongs to another search"):
        await step(walking, first.next_cursor, **({"q": "many", "sort": "newest"} | change))


async def test_a_cursor_whose_point_in_time_is_gone_has_expired(walking: Searcher, many: Settings) -> None:
    first = await step(walking, "*", sort="newest")
    assert first.next_cursor
    point = walking.walker.read(first.next_cursor)
    assert point is not None
    with connect(many) as client:
        client.delete_pit(body={"pit_id": list(point.points.values())})
    with pytest.raises(ExpiredError, match="is gone"):
        await step(walking, first.next_cursor, sort="newest")
    assert (await step(walking, "*", sort="newest")).hits, "and one can begin again at once"


async def test_walks_that_begin_together_share_their_points(walking: Searcher, many: Settings) -> None:
    walking.walker.points.forget()
    with connect(many) as client:

        def opened() -> int:
            shards = client.indices.stats(index=f"{many.index_prefix}-*", metric="search")["_all"]["total"]["search"]
            return int(shards["point_in_time_current"])

        before = opened()
        for _ in range(5):
            await step(walking, "*", sort="newest")
        assert opened() - before == 3, "one for each type"


async def test_cursors_over_http(many: Settings, encoder: Encoder) -> None:
    async with app_client(many, encoder) as http:

        async def get(cursor: str, **more: str) -> httpx.Response:
            return await http.get("/v1/search", params={"cursor": cursor, "sort": "newest", "types": "video"} | more)

        first = await get("*", size="30")
        assert first.status_code == 200
        later = first.json()["next_cursor"]
        assert (await get(later, size="30")).json()["hits"][0]["position"] == 31
        posted = {"cursor": later, "sort": "newest", "types": ["video"], "size": 100}
        last = (await http.post("/v1/search", json=posted)).json()
        assert last["next_cursor"] is None
        assert (await http.get("/v1/search?sort=newest")).json()["next_cursor"] is None

        for wrong in ("abc", "1.", later[:-4], later.replace(".", ".A", 1), "2", "*" * 3, "1.%00"):
            refused = await get(wrong)
            assert refused.status_code == 422, wrong
            assert [each["where"] for each in refused.json()["mistakes"]] == ["cursor"]
            assert refused.json()["remedy"] == "Start again with cursor=*"
        old = await get("0." + later[2:])
        assert (old.status_code, old.json()["error"]) == (410, "expired")
        assert old.json()["remedy"] == "Start again with cursor=*"
        deep = await http.get("/v1/search?page=200")
        assert deep.status_code == 422
        assert "cursor=*" in deep.text

"""What is like an item, the tree of categories and the values of a facet, over the real engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from browsing_catalogue import LOOP
from catalogue import DOCUMENTS

from api.browse.model import FacetChoices
from api.browse.similar import COLUMNS, traits_of
from api.model import SearchRequest
from api.rooms import Rooms
from api.search import Searcher
from stack.documents import KINDS, Kind
from stack.errors import InputError, NotFoundError
from stack.signals import millis

pytest_plugins = ["browsing_shop"]
pytestmark = pytest.mark.engine


async def beside(searcher: Searcher, kind: Kind, id_: str, *kinds: Kind, size: int = 12) -> list[str]:
    row = await searcher.similar(kind, id_, size, kinds or (kind,))
    assert [item.document["id"] for item in row.items] == [item.id for item in row.items]
    return [item.id for item in row.items]


async def test_the_nearest_without_variants_and_what_is_gone_last(browsing: Searcher) -> None:
    row = await beside(browsing, "product", "mouse-red", size=50)
    assert "mouse-red" not in row
    assert "mouse-blue" not in row, "a variant"
    assert len({"mouse-rival-1", "mouse-rival-2"} & set(row)) == 1, "each model once"
    assert set(row[:1]) <= {"mouse-rival-1", "mouse-rival-2"}
    assert row.index("mouse-dear") > 0, "as near in meaning, at a hundred times the price"
    assert set(row[-2:]) == {"mouse-gone", "dv6"}, "sold out"


async def test_what_shows_a_product_comes_first_and_what_is_shown_too(browsing: Searcher) -> None:
    assert (await beside(browsing, "product", "mouse-red", "video"))[0] == "mouse-video"
    assert (await beside(browsing, "product", "mouse-red", "live"))[0] == "mouse-live"
    assert (await beside(browsing, "video", "mouse-video", "product"))[0] == "mouse-red"
    assert (await beside(browsing, "live", "mouse-live", "product"))[0] == "mouse-red"


async def test_a_room_that_its_signal_says_is_over_comes_last(browsing: Searcher) -> None:
    index, now = browsing.recall.indexes["live"], browsing.clock()
    answer = await browsing.client.search(index=index, body={"query": {"term": {"status": "live"}}, "size": 50})
    on = [hit["_id"] for hit in answer["hits"]["hits"]]
    assert on
    times = dict.fromkeys(("status", "heartbeat_at"), millis(now) + 1_000)
    said = {"heartbeat_at": now.isoformat(), "times": times}
    shows = Rooms({id: said | {"id": id, "status": "live"} for id in on})
    over = Rooms({id: said | {"id": id, "status": "ended"} for id in on})
    for rooms, available in ((shows, True), (over, False)):
        searcher = replace(browsing, rooms=lambda rooms=rooms: rooms)  # type: ignore[misc]
        rows = await _available(searcher, on)
        assert rows == dict.fromkeys(on, available)


async def _available(searcher: Searcher, ids: list[str]) -> dict[str, bool]:
    body = {"size": len(ids), "query": {"ids": {"values": ids}}, "_source": False, "docvalue_fields": COLUMNS}
    answer = await searcher.client.search(index=searcher.recall.indexes["live"], body=body)
    return {hit["_id"]: traits_of(hit, "live", searcher).available for hit in answer["hits"]["hits"]}


async def test_an_item_without_a_vector_has_neighbours_of_its_category(browsing: Searcher) -> None:
    row = await beside(browsing, "product", "mouse")
    assert row
    assert set(row) <= {f"mouse-{name}" for name in ("red", "blue", "gone", "rival-1", "rival-2", "dear", "hostile")}
    assert await beside(browsing, "product", "vase"), "no vector, no category: the best known"


async def test_sizes_and_types(browsing: Searcher) -> None:
    assert len(await beside(browsing, "product", "dv7", size=2)) == 2
    row = await browsing.similar("product", "dv7", 30, KINDS)
    assert {item.type for item in row.items} == set(KINDS)
    assert row == await browsing.similar("product", "dv7", 30, KINDS)
    assert "text_vector" not in row.items[0].document


@pytest.mark.parametrize(
    ("kind", "id_"), [("product", "none"), ("video", "dv7"), ("product", "a b/c\\"), ("live", "*")]
)
async def test_unknown_ids(browsing: Searcher, kind: Kind, id_: str) -> None:
    with pytest.raises(NotFoundError, match="there is no"):
        await browsing.similar(kind, id_, 12, (kind,))


async def test_the_tree_counts_each_type_and_a_loop_ends(browsing: Searcher) -> None:
    roots = {one.name: one for one in (await browsing.categories(KINDS)).categories}
    computers = roots["Computers"]
    laptops = next(one for one in computers.children if one.name == "Laptops")
    expected = sum(one.category[:2] == ("Computers", "Laptops") for one in DOCUMENTS)
    assert laptops.count == expected == sum(laptops.counts.values())
    assert laptops.counts["video"] == 1
    node, path = roots["Round"], ["Round"]
    while node.children:
        (node,) = node.children
        path.append(node.name)
    assert tuple(path) == LOOP
    assert [one.name for one in (await browsing.categories(("live",))).categories] == ["Computers"]


async def values(searcher: Searcher, field: str, contains: str = "", **request: Any) -> dict[Any, int]:
    found: FacetChoices = await searcher.facet_values(SearchRequest(**request), field, contains, 20)
    assert found.field == field
    return {one.value: one.count for one in found.values}


async def test_values_that_contain_letters_whatever_their_case_and_accents(browsing: Searcher) -> None:
    assert await values(browsing, "brand", "CHED") == {"Chèdder": 3}
    assert await values(browsing, "brand", "èdd") == {"Chèdder": 3}
    assert await values(browsing, "brand", "鼠") == {"小鼠": 1}
    assert await values(browsing, "brand", "<b>") == {"<b>Evil</b>": 1}
    assert await values(browsing, "brand", ".*") == {}
    assert await values(browsing, "category", "mice") == {"Computers > Accessories > Mice": 8}
    assert await values(browsing, "attr.colour", "bl") == {"Black": 3, "Blue": 2}
    assert await values(browsing, "in_stock", "tr") == {True: 13}


@pytest.mark.parametrize(
    "contains", ["a" + "-" * 99, "a-" * 50, "ee-ea-ae-" * 11, "a한" * 50, '"\\<@#&~>' * 12, "٠١" * 50]
)
async def test_the_engine_takes_whatever_is_looked_for(browsing: Searcher, contains: str) -> None:
    assert await values(browsing, "brand", contains) == {}


async def test_words_and_other_filters_count_and_its_own_does_not(browsing: Searcher) -> None:
    mice = await values(browsing, "brand", q="wireless mouse", filters={"price": {"lte": 100}})
    assert mice["Chèdder"] == 3
    assert "Aurum" not in mice, "too dear"
    assert mice == await values(
        browsing, "brand", q="wireless mouse", filters={"price": {"lte": 100}, "brand": "Rival"}
    )
    hits = await browsing.facet_values(SearchRequest(q="laptop"), "brand", "", 1)
    assert len(hits.values) == 1


@pytest.mark.parametrize("field", ["shade", "price", "attr.", "attr." + "x" * 300, "../brand", "title"])
async def test_unknown_facets_are_named(browsing: Searcher, field: str) -> None:
    with pytest.raises(InputError) as caught:
        await browsing.facet_values(SearchRequest(), field, "", 20)
    (mistake,) = caught.value.mistakes
    assert mistake.where == "field"
    assert "brand" in mistake.allowed
    with pytest.raises(InputError):
        await browsing.facet_values(SearchRequest(types=["live"]), "brand", "", 20)

"""Filters, facets and orders on the real engine, over the small shop."""

from __future__ import annotations

from typing import Any

import pytest
from catalogue import DOCUMENTS, PRODUCTS, SOCKS, ask, ids

from api.model import Answer
from api.search import Searcher

pytest_plugins = ["small_shop"]
pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"brand": "HP"}, {"dv7", "dv6"}),
        ({"brand": ["HP", "Lenovo"]}, {"dv7", "dv6", "ideapad"}),
        ({"brand": "hp"}, set()),
        ({"price": {"gte": 39, "lte": 499}}, {"dv6", "ideapad", "kettle"}),
        ({"price": {"gte": 500}}, {"dv7"}),
        ({"price": {"lte": 4.99}}, set()),
        ({"rating": {"gte": 4}}, {"dv7", "dv6"}),
        ({"in_stock": True}, {"dv7", "ideapad", "sleeve", "kettle"}),
        ({"in_stock": False}, {"dv6"}),
        ({"in_stock": [True, False]}, {"dv7", "dv6", "ideapad", "sleeve", "kettle"}),
        ({"category": "Computers > Laptops"}, {"dv7", "dv6", "ideapad", "unboxing", "on"}),
        ({"category": "Computers>Accessories"}, {"sleeve", "mouse"}),
        ({"category": "Computers"}, {"dv7", "dv6", "ideapad", "sleeve", "mouse", "unboxing", "on"}),
        ({"category": "Laptops"}, set()),
        ({"attr.colour": "Black"}, {"dv7", "ideapad", "sleeve"}),
        ({"attr.colour": ["Silver", "Blue"]}, {"dv6", "ideapad"}),
        ({"attr.screen inch": 17}, {"dv7"}),
        ({"attr.screen inch": 15.6}, {"dv6"}),
        ({"attr.touch": True}, {"dv6"}),
        ({"attr.touch": False}, {"dv7"}),
        ({"attr.colour": "Black", "brand": "HP", "in_stock": True}, {"dv7"}),
        ({"gtin": "5050083023455"}, {"dv7"}),
        ({"created_at": {"gte": "2026-02-19", "lte": "2026-02-24"}}, {"dv6", "ideapad"}),
        ({"updated_at": {"gte": "2026-03-01T11:00:00Z"}}, {"on", "stale"}),
        ({"updated_at": {"gte": "2026-03-01T13:30:00+02:00"}}, {"on"}),
        ({"creator": "Ann"}, {"unboxing"}),
        ({"hashtag": "#laptop"}, {"unboxing"}),
        ({"duration_s": {"gte": 100}}, {"descale"}),
        ({"status": "live"}, {"on"}),
        ({"status": "ended"}, {"stale", "over"}),
        ({"status": ["live", "scheduled"]}, {"on", "soon"}),
        ({"sells_product": "dv7"}, {"on"}),
        ({"language": "de"}, {"haus"}),
        ({"brand": "HP", "creator": "Ann"}, set()),
    ],
)
async def test_filters(searcher: Searcher, filters: dict[str, Any], expected: set[str]) -> None:
    answer = await ask(searcher, filters=filters, size=100)
    assert set(ids(answer)) == expected
    assert sum(total.value for total in answer.totals.values()) == len(expected)
    by_words = await ask(searcher, q="hp laptop kettle", filters=filters, size=100)
    assert set(ids(by_words)) <= expected, "both routes are filtered"


@pytest.mark.parametrize("field", ["price", "list_price", "rating", "duration_s", "views", "viewers"])
@pytest.mark.parametrize("bound", [1e14, -1e14, 1e-300, 3e9, 70_000, 10.5])
async def test_a_bound_may_lie_anywhere(searcher: Searcher, field: str, bound: float) -> None:
    low = await ask(searcher, filters={field: {"lte": bound}}, size=0)
    high = await ask(searcher, filters={field: {"gte": bound}}, size=0)
    assert sum(total.value for answer in (low, high) for total in answer.totals.values()) <= len(DOCUMENTS)


def counts(answer: Answer, field: str) -> dict[Any, int]:
    (facet,) = [facet for facet in answer.facets if facet.field == field]
    return {value.value: value.count for value in facet.values}


async def test_facets_count_what_the_words_and_filters_leave(searcher: Searcher) -> None:
    names = ["brand", "in_stock", "attr.colour", "attr.touch", "category"]
    answer = await ask(searcher, filters={"category": "Computers > Laptops"}, types=["product"], facets=names)
    assert counts(answer, "brand") == {"HP": 2, "Lenovo": 1}
    assert counts(answer, "in_stock") == {True: 2, False: 1}
    assert counts(answer, "attr.colour") == {"Black": 2, "Silver": 1, "Blue": 1}
    assert counts(answer, "attr.touch") == {"yes": 1, "no": 1}
    assert [facet.field for facet in answer.facets] == names, "in the order that was asked for"


async def test_a_selected_facet_still_counts_its_other_values(searcher: Searcher) -> None:
    filters = {"brand": "HP", "category": "Computers > Laptops"}
    answer = await ask(searcher, filters=filters, facets=["brand", "attr.colour"], types=["product"])
    assert set(ids(answer)) == {"dv7", "dv6"}
    assert counts(answer, "brand") == {"HP": 2, "Lenovo": 1}
    assert counts(answer, "attr.colour") == {"Black": 1, "Silver": 1}
    assert [(value.value, value.selected) for value in answer.facets[0].values] == [("HP", True), ("Lenovo", False)]


async def test_facets_are_added_up_over_the_kinds(searcher: Searcher) -> None:
    answer = await ask(searcher, facets=["category", "creator", "status"])
    assert counts(answer, "category")["Computers > Laptops"] == 5
    assert counts(answer, "creator") == {"Ann": 1, "Bo": 1, "Cy": 1}


async def test_a_selected_value_that_nothing_has_is_shown_with_zero(searcher: Searcher) -> None:
    answer = await ask(searcher, filters={"brand": "Nokia"}, facets=["brand"], types=["product"])
    assert counts(answer, "brand")["Nokia"] == 0
    assert counts(answer, "brand")["HP"] == 2


@pytest.mark.parametrize(
    "name", ["attr.a>b[c]", "attr.%", 'attr.^$.*+?{}()|\\"@&<~#', "attr." + "." * 256, "attr.ü 😀"]
)
async def test_a_facet_may_have_any_name(searcher: Searcher, name: str) -> None:
    answer = await ask(searcher, facets=[name, "brand"])
    assert counts(answer, name) == {}
    assert counts(answer, "brand")["HP"] == 2


@pytest.mark.parametrize(
    ("sort", "head", "missing"),
    [
        ("price_desc", ["dv7", "dv6", "ideapad", "kettle", "haus", "sleeve", "mouse"], {"vase"}),
        ("rating", ["dv7", "dv6", "ideapad"], {"vase", "kettle", "sleeve", "mouse", "haus"}),
        ("views", ["descale", "unboxing", "repair"], set()),
        ("viewers", ["stale", "over", "on"], {"soon"}),
        ("popularity", ["stale", "over", "dv7", "descale", "dv6", "ideapad"], {"vase"}),
        ("newest", ["on", "stale", "soon", "unboxing", "over", "sleeve", "ideapad"], {"vase", "repair"}),
    ],
)
async def test_orders(searcher: Searcher, sort: str, head: list[str], missing: set[str]) -> None:
    row = ids(await ask(searcher, sort=sort, size=100))
    assert row[: len(head)] == head
    assert missing <= set(row[len(head) :]), "what has no value is there, and last"


async def test_the_cheapest_first_with_unpriced_ones_last(searcher: Searcher) -> None:
    answer = await ask(searcher, sort="price_asc", size=100)
    prices = [hit.document.get("price") for hit in answer.hits]
    assert len(prices) == len(PRODUCTS)
    assert prices[:-1] == sorted(prices[:-1])
    assert prices[-1] is None
    assert (answer.totals["video"].value, answer.totals["live"].value) == (0, 0), "videos have no price"


async def test_size_0_counts_only(searcher: Searcher) -> None:
    answer = await ask(searcher, q="socks", size=0, facets=["brand"])
    assert answer.hits == []
    assert answer.totals["product"].value == SOCKS
    assert counts(answer, "brand")["Feet"] == SOCKS

"""Suggestions over the real engine: what is taken up from the indexes, titles, slips, and what is left out."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from browsing_catalogue import HOSTILE

from api.search import Searcher
from api.suggest.model import Suggestion
from api.suggest.suggester import Suggester
from stack.client import connect_async
from stack.node.launch import free_port
from stack.settings import Settings

pytest_plugins = ["browsing_shop"]
pytestmark = pytest.mark.engine


async def found(searcher: Searcher, q: str, limit: int = 20) -> dict[str, Suggestion]:
    answer = await searcher.suggest(q, limit)
    assert answer.model_dump() == (await searcher.suggest(q, limit)).model_dump() | {"took_ms": answer.took_ms}
    return {f"{one.kind}: {one.text}": one for one in answer.suggestions}


@pytest.mark.parametrize(
    ("q", "expected", "href"),
    [
        ("lapt", "category: Laptops", "/search?filter.category=Computers+%3E+Laptops"),
        ("leno", "brand: Lenovo", "/search?filter.brand=Lenovo"),
        ("chedd", "brand: Chèdder", "/search?filter.brand=Ch%C3%A8dder"),
        ("mona", "creator: Mona Wise", "/creators/mona"),
        ("acm", "seller: Acme", "/sellers/acme"),
        ("lenovo idea", "product: Lenovo IdeaPad laptop", "/items/product/ideapad"),
        ("laptop st", "query: Laptop Stand", "/search?q=Laptop+Stand"),
        ("فأر", "product: فأرة لاسلكية", "/items/product/mouse-arabic"),
        ("无线", "product: 无线鼠标 静音", "/items/product/mouse-cjk"),
        ("小", "brand: 小鼠", "/search?filter.brand=%E5%B0%8F%E9%BC%A0"),
    ],
)
async def test_each_kind_is_suggested_with_its_place(browsing: Searcher, q: str, expected: str, href: str) -> None:
    lines = await found(browsing, q)
    assert lines[expected].href == href
    assert not lines[expected].corrected
    assert lines[expected].marked


@pytest.mark.parametrize(("q", "expected"), [("lenvo", "brand: Lenovo"), ("lpatop", "category: Laptops")])
async def test_slips_are_mended_and_said(browsing: Searcher, q: str, expected: str) -> None:
    lines = await found(browsing, q)
    assert lines[expected].corrected
    products = [one for one in lines.values() if one.kind == "product"]
    assert products
    assert all(one.corrected for one in products)


async def test_what_others_searched_for_is_shown_once_and_never_what_is_theirs_alone(browsing: Searcher) -> None:
    lines = await found(browsing, "lapt")
    queries = {one.text for one in lines.values() if one.kind == "query"}
    assert queries == {"Laptop Stand", "laptop <script>alert(1)</script>"}, "escaped by whoever shows it"


async def test_variants_are_one_product_and_its_price_is_said(browsing: Searcher) -> None:
    lines = await found(browsing, "chèdder wire")
    products = [one for one in lines.values() if one.kind == "product"]
    assert [one.href for one in products].count("/items/product/mouse-red") == 1
    assert "/items/product/mouse-blue" not in [one.href for one in products]
    assert lines["product: Chèdder wireless mouse, Red"].detail == "20.00 EUR"
    assert lines["product: Chèdder wireless mouse, Red"].marked == [(0, 12)]


async def test_a_price_is_that_of_now(browsing: Searcher) -> None:
    assert (await found(browsing, "golden w"))["product: Golden wireless mouse"].detail == "1500.00 EUR"


async def test_before_anything_is_typed(browsing: Searcher) -> None:
    lines = (await browsing.suggest("  ", 8)).suggestions
    assert {one.kind for one in lines} == {"query", "category"}
    assert lines[0].text == "Laptop Stand"


@pytest.mark.parametrize(
    "q", ["\x00\x1b[2J", "<script>", "x" * 100_000, "\ud800", "')--", "*:*", "🦊" * 200, "a " * 5_000]
)
async def test_hostile_text_is_answered(browsing: Searcher, q: str) -> None:
    answer = await browsing.suggest(q, 8)
    assert len(answer.q) <= 100
    assert len(answer.suggestions) <= 8


async def test_a_hostile_title_is_text(browsing: Searcher) -> None:
    assert (await found(browsing, "<img src"))[f"product: {HOSTILE}"].marked == [(1, 8)]


async def test_only_the_kinds_that_are_asked_for(browsing: Searcher) -> None:
    answer = await browsing.suggest("l", 20, ("brand",))
    assert {one.kind for one in answer.suggestions} == {"brand"}


async def test_products_that_come_too_late_are_left_out(browsing: Searcher) -> None:
    rules = browsing.suggester.rules
    hurried = rules.model_copy(update={"titles": rules.titles.model_copy(update={"deadline_ms": 0.05})})
    answer = await replace(browsing.suggester, rules=hurried).suggest("leno", 8)
    assert answer.late
    assert [one.text for one in answer.suggestions] == ["Lenovo"]


async def test_without_the_engine_memory_answers_and_nothing_is_waited_for(
    browsing: Searcher, browsing_settings: Settings
) -> None:
    client = connect_async(browsing_settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_port()}"}))
    try:
        away = replace(browsing.suggester, client=client, _due=0.0, _task=None)
        answer = await away.suggest("leno", 8)
        assert [one.text for one in answer.suggestions] == ["Lenovo"]
        fresh = Suggester(client, "none", away.rules, away.serving, away.clock)
        started = time.perf_counter()
        assert (await fresh.suggest("leno", 8)).suggestions == []
        assert time.perf_counter() - started < 2
        await fresh.close()
        await away.close()
    finally:
        await client.close()


async def test_indexes_that_are_not_there_give_nothing(browsing: Searcher) -> None:
    empty = replace(browsing.suggester, prefix="no-such-prefix", completer=None)
    await empty.renew()
    assert (await empty.suggest("leno", 8)).suggestions == []

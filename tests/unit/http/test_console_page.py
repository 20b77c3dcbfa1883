"""`/console/compare` as somebody without scripts has it."""

from __future__ import annotations

import re

import httpx
import pytest
from fake_core import FakeCore
from http_pages import asked_by, page_of, texts
from http_serving import Serve

from stack.errors import EngineUnavailableError

SIDES = ".sides ol"


async def test_two_columns_lines_and_reasons(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/console/compare?a=full&b=bm25&q=mouse&type=product&size=3")
    assert texts(page, ".sides h2") == ["full", "bm25"]
    left, right = ([" ".join(li.text().split()) for li in column.css("li")] for column in page.css(SIDES))
    # four products have "mouse"; bm25 has them the other way round, less the first
    assert [row.split()[0] for row in left] == ["1", "2", "3"]
    assert [row.split()[-2:] for row in left[1:]] == [["→", "3"], ["→", "2"]]
    assert left[0].endswith("gone")
    assert [row.split()[-1] for row in right] == ["new", "▲1", "▼1"]
    assert len(page.css(".lines path")) == 2
    assert {path.attributes["class"] for path in page.css(".lines path")} == {"up", "down"}
    moves = texts(page, ".moves .moved-title")
    assert any("1st → –" in move for move in moves)
    assert any(reason.startswith("Only full finds it") for reason in texts(page, ".moves p"))
    assert len(page.css(".moves details")) == len(moves) == 4


async def test_the_form_keeps_what_was_asked_and_swaps(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/console/compare?a=full:-spelling,-route:vector&b=model:v7&q=mouse&type=video&size=7")
    values = {node.attributes["name"]: node.attributes["value"] for node in page.css(".compare-form input")}
    assert values == {"a": "full:-spelling,-route:vector", "b": "model:v7", "q": "mouse"}
    assert texts(page, ".compare-form option[selected]") == ["video", "7"]
    assert asked_by(page.css_first(".rankers a").attributes["href"]) == {
        ("a", "model:v7"), ("b", "full:-spelling,-route:vector"), ("q", "mouse"), ("type", "video"), ("size", "7"),
    }  # fmt: skip
    assert "model:v7" in {node.attributes["value"] for node in page.css("#rankers option")}


async def test_without_words_there_is_the_form_alone(http: httpx.AsyncClient, core: FakeCore) -> None:
    start = await http.get("/console")
    assert (start.status_code, start.headers["location"]) == (307, "/console/compare")
    page = await page_of(http, "/console/compare?a=&q=+")
    assert page.css(".compare-form")
    assert not page.css(".sides")
    assert not core.asked


async def test_equal_rows_and_empty_ones_say_so(http: httpx.AsyncClient) -> None:
    same = await page_of(http, "/console/compare?a=full&b=full&q=mouse")
    assert "Nothing: both rows are the same." in texts(same, "main > p")
    assert texts(await page_of(http, "/console/compare?q=zzz"), "h2") == ["Neither finds anything for “zzz”"]


@pytest.mark.parametrize(
    ("query", "where", "allowed"),
    [
        ("a=ful&b=hybrid&q=x", {"a"}, "bm25, vector, hybrid, full"),
        ("a=full:-speling&b=full:spelling&q=x", {"a", "b"}, "spelling"),
        ("a=model:&q=x", {"a"}, "model:<version>"),
        ("a=full&a=bm25&q=x", {"a"}, ""),
        ("a=ful&type=shoe&size=0&colour=red", {"a", "type", "size", "colour"}, "product"),
        (f"q={'x' * 513}", {"q"}, ""),
        ("a=hybrid:-route:lexical,-route:vector&q=x", {"a"}, ""),
    ],
)
async def test_mistakes_are_named_with_what_there_is(
    http: httpx.AsyncClient, query: str, where: set[str], allowed: str
) -> None:
    page = await page_of(http, f"/console/compare?{query}", status=422)
    assert set(texts(page, ".mistakes dt")) == where
    assert allowed in " ".join(texts(page, ".mistakes"))


async def test_nothing_that_was_asked_becomes_markup(http: httpx.AsyncClient) -> None:
    hostile = '"><script>alert(1)</script>'
    for query in ({"q": hostile}, {"a": hostile, "q": "mouse"}, {"q": "mouse", "b": "bm25", "size": "50"}):
        answer = await http.get("/console/compare", params=query)
        assert "<script>" not in answer.text
        assert not re.search(r"<(i|u)>", answer.text)
        assert answer.headers["content-type"].startswith("text/html")


async def test_an_engine_away_is_a_page(serve: Serve) -> None:
    async with serve(FakeCore(raises=EngineUnavailableError("the engine is away", "Wait a moment", 7))) as http:
        page = await page_of(http, "/console/compare?q=mouse", status=503)
    assert "about 7 seconds" in page.body.text()

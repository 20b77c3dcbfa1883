"""The pages of one item: read as a browser without scripts would."""

from __future__ import annotations

import httpx
import pytest
from fake_core import FakeCore
from http_documents import HOSTILE
from http_pages import page_of, texts
from http_serving import serving

from stack.errors import EngineUnavailableError


async def test_a_product_says_what_it_costs_who_sells_it_and_where_it_stands(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/items/product/p1")
    assert texts(page, "h1") == ["Logi M185 Wireless Mouse, plug and play, 12 months battery"]
    assert texts(page, ".crumbs a") == ["Market", "Electronics", "Mice"]
    assert texts(page, ".item .price strong") == ["€12.90"]
    assert texts(page, ".person-name") == ["Bright Desk"]
    assert page.css_first(".person-name a") is None, "its seller has no profile, so no page"


async def test_a_live_room_shows_its_bag(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/items/live/l1")
    assert texts(page, ".room-state") == ["On air now"]
    ids = [card.attributes["data-id"] for card in page.css("section[aria-labelledby=bag] .card")]
    assert ids == ["p1", "p2"]


@pytest.mark.parametrize("path", ["/items/product/none", "/items/shoe/p1", "/sellers/none", "/creators/none"])
async def test_what_is_not_there_is_said_on_a_page(http: httpx.AsyncClient, path: str) -> None:
    page = await page_of(http, path, 404)
    assert texts(page, "h1") == ["There is nothing here"]


async def test_what_was_seen_stands_on_the_next_page_and_not_on_its_own(http: httpx.AsyncClient) -> None:
    await page_of(http, "/items/product/p1")
    next_page = await page_of(http, "/items/live/l1")
    recent = [card.attributes["data-id"] for card in next_page.css("section[aria-labelledby=recent] .card")]
    assert recent == ["p1"]
    again = await page_of(http, "/items/product/p1")
    assert "p1" not in [card.attributes["data-id"] for card in again.css("section[aria-labelledby=recent] .card")]


async def test_a_script_in_a_title_is_a_text(http: httpx.AsyncClient) -> None:
    found = (await http.get("/v1/search", params={"q": "mouse", "size": "50"})).json()["hits"]
    hostile = next(hit for hit in found if hit["document"]["title"] == HOSTILE)
    page = await page_of(http, f"/items/{hostile['type']}/{hostile['id']}")
    assert texts(page, "h1") == [" ".join(HOSTILE.split())]
    assert not [node for node in page.css("script") if "src" not in node.attributes]


class WithoutSurroundings(FakeCore):
    """Has the item itself, and nothing of what stands around it."""

    async def search(self, request):  # type: ignore[no-untyped-def]
        raise EngineUnavailableError("too late")

    async def similar(self, kind, id, size, kinds):  # type: ignore[no-untyped-def]
        raise EngineUnavailableError("too late")

    async def items(self, wanted):  # type: ignore[no-untyped-def]
        raise EngineUnavailableError("too late")


@pytest.mark.parametrize("path", ["/items/product/p1", "/items/live/l1"])
async def test_a_page_does_without_what_could_not_be_had(path: str) -> None:
    async with serving(WithoutSurroundings()) as http:
        page = await page_of(http, path)
        assert texts(page, "h1")
        assert not page.css(".card")

"""Home and categories, and what all pages have in common: language, colours, addresses of before."""

from __future__ import annotations

import json

import httpx
import pytest
from fake_core import FakeCore
from http_documents import DOCUMENTS
from http_pages import asked_by, page_of, texts
from http_serving import serving
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from api.http.app import create_app
from api.suggest.model import SUGGESTION_KINDS
from stack.errors import EngineUnavailableError
from stack.settings import Settings


@pytest.mark.parametrize("query", ["q=mouse", "q=", "filter.brand=HP&filter.brand=Acer", "types=video&page=2&lang=ar"])
async def test_a_search_at_the_old_address_moves_with_its_parameters(http: httpx.AsyncClient, query: str) -> None:
    moved = await http.get(f"/?{query}")
    assert (moved.status_code, moved.headers["location"]) == (308, f"/search?{query}")


async def test_the_home_page_has_its_shelves_and_categories(http: httpx.AsyncClient, core: FakeCore) -> None:
    page = await page_of(http, "/?utm_source=letter")
    assert texts(page, "h2") == ["Live now", "Deals", "Fresh videos", "Popular right now"]
    assert all(card.attributes["data-type"] == "live" for card in page.css(".shelf-live .card"))
    assert texts(page, ".shelf-deals .badge-sale") == ["−32%", "−25%", "−24%", "−22%", "−18%"]
    assert texts(page, ".tile")[0] == "Electronics"
    assert asked_by(page.css_first(".tile").attributes["href"]) == {
        ("types", "product"), ("filter.category", "Electronics"),
    }  # fmt: skip
    assert asked_by(page.css_first(".shelf-live .shelf-head a").attributes["href"]) == {
        ("types", "live"), ("filter.status", "live"), ("sort", "viewers"),
    }  # fmt: skip
    assert {request.q for request in core.asked} == {""}
    for link in page.css(".shelf-head a, .tabs a"):
        await page_of(http, link.attributes["href"] or "")


async def test_a_room_shows_its_product_of_the_moment(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    room = next(body for kind, body in DOCUMENTS if kind == "live" and body["status"] == "live")
    monkeypatch.setitem(room, "product_now", "p1")
    page = await page_of(http, "/search?types=live")
    assert texts(page, ".on-show") == ["On show now: Logi M185 Wireless Mouse, plug and play, 12 months battery €12.90"]
    assert page.css_first(".on-show").attributes["href"] == "/items/product/p1"
    monkeypatch.setitem(room, "product_now", "gone")
    assert not (await page_of(http, "/search?types=live")).css(".on-show")


async def test_all_categories_stand_under_their_parents(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/categories")
    electronics = page.css_first(".tree")
    assert texts(electronics, "h2 bdi") == ["Electronics"]
    assert texts(electronics, "ul ul bdi") == ["Headphones"]
    assert ("filter.category", "Electronics > Audio > Headphones") in asked_by(
        electronics.css_first("ul ul a").attributes["href"]
    )


async def test_cards_say_what_they_are_and_where_they_stand(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse&size=2&page=2")
    assert page.body.attributes["data-query-id"] == page.css_first("main .row").attributes["data-query-id"] == "q-1"
    found = [(card.attributes["data-type"], card.attributes["data-position"]) for card in page.css("main .row > .card")]
    assert [place for _, place in found] == ["3", "4"]
    assert all(card.attributes["data-id"] for card in page.css(".card"))


async def test_pictures_are_ours_or_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    products = [body for kind, body in DOCUMENTS if kind == "product"][:3]
    urls = ("/media/p-1.webp", "https://img.example.com/p.webp", "http://169.254.169.254/latest")
    for body, url in zip(products, urls, strict=True):
        monkeypatch.setitem(body, "images", [url])
    app = create_app(FakeCore().open, Settings(image_hosts=("img.example.com",)))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as http,
    ):
        answer = await http.get("/search?types=product")
    page = HTMLParser(answer.text)
    assert [img.attributes["src"] for img in page.css(".card img")] == list(urls[:2])
    assert "169.254" not in answer.text
    first = page.css_first(".card img").attributes
    assert (first["fetchpriority"], first["width"], first["height"], first["alt"]) == ("high", "480", "480", "")
    assert "img-src 'self' data: https://img.example.com;" in answer.headers["content-security-policy"]
    assert len(page.css(".card .art-icon")) == len(page.css(".card")) - 2


async def test_versions_of_one_model_lead_to_each_other(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = {body["id"]: body for kind, body in DOCUMENTS if kind == "product"}
    for id, colour in (("p1", "Black"), ("p2", "Red")):
        monkeypatch.setitem(products[id], "group_id", "g-1")
        monkeypatch.setitem(products[id], "attributes", {"colour": colour, "dpi": 1000.0, "wireless": True})
    page = await page_of(http, "/search?types=product&q=mouse")
    options = [(link.text(), link.attributes["href"]) for link in page.css(".options a")]
    assert options == [("Red", "/items/product/p2"), ("Black", "/items/product/p1")]


async def test_the_language_is_asked_for_then_kept_then_the_browsers(http: httpx.AsyncClient) -> None:
    async def language(path: str, **headers: str) -> tuple[str | None, str | None]:
        page = HTMLParser((await http.get(path, headers=headers)).text)
        return page.css_first("html").attributes["lang"], page.css_first("html").attributes["dir"]

    assert await language("/search") == ("en", "ltr")
    assert await language("/search", **{"accept-language": "de, ar-EG;q=0.9, en;q=0.5"}) == ("ar", "rtl")
    assert await language("/search", **{"accept-language": "ar", "cookie": "lang=en"}) == ("en", "ltr")
    assert await language("/search?lang=xx") == ("en", "ltr")
    answer = await http.get("/search?lang=ar&q=mouse")
    assert "نتائج" in answer.text
    assert "lang=ar" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    http.cookies.set("lang", "ar")
    assert await language("/search", **{"accept-language": "en"}) == ("ar", "rtl")


@pytest.mark.parametrize(
    ("query", "cookie", "to"),
    [
        ("theme=dark&back=/search%3Fq%3Dmouse", "theme=dark", "/search?q=mouse"),
        ("lang=ar&back=/categories", "lang=ar", "/categories"),
        ("theme=odd&back=//evil.example/x", 'theme=""', "/"),
        ("theme=light&back=https://evil.example", "theme=light", "/"),
        ("theme=light&back=/%5Cevil.example", "theme=light", "/"),
        ("lang=xx&back=/a%0d%0aSet-Cookie:x=1", "", "/"),
    ],
)
async def test_a_choice_is_kept_and_leads_back_only_to_us(
    http: httpx.AsyncClient, query: str, cookie: str, to: str
) -> None:
    answer = await http.get(f"/preferences?{query}")
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert answer.headers.get("set-cookie", "").startswith(cookie)
    assert bool(cookie) == ("set-cookie" in answer.headers)


async def test_kept_colours_are_there_from_the_first_byte(http: httpx.AsyncClient) -> None:
    http.cookies.set("theme", "dark")
    page = await page_of(http, "/")
    assert page.css_first("html").attributes["data-theme"] == "dark"
    assert page.css_first('meta[name="color-scheme"]').attributes["content"] == "dark"


async def test_a_home_page_without_an_engine_says_when_to_come_back() -> None:
    async with serving(FakeCore(raises=EngineUnavailableError("the engine is away", "Wait a moment", 7))) as http:
        assert "about 7 seconds" in (await page_of(http, "/", status=503)).body.text()


async def test_the_search_box_has_a_word_for_every_kind_of_suggestion(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/?lang=ar")
    words = json.loads(page.css_first("form.search").attributes["data-kinds"] or "")
    assert words.keys() == set(SUGGESTION_KINDS)
    assert not any(word.isascii() for word in words.values())

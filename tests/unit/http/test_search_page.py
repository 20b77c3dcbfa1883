"""The search page as a shopper without scripts has it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
import pytest
from fake_core import FakeCore
from http_pages import Pairs, asked_by, page_of, texts
from http_serving import Serve
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from stack.errors import EngineUnavailableError


def submitted_by(page: HTMLParser, form: str) -> Pairs:
    """What a browser sends for a form, the fields outside that name it by `form` included."""
    inputs = page.css(f"form#{form} input, [form={form}]")
    pairs = set()
    for node in inputs:
        name, kind = node.attributes.get("name"), node.attributes.get("type")
        if node.tag == "select":
            chosen = node.css_first("option[selected]")
            assert name
            assert chosen is not None
            pairs.add((name, chosen.attributes["value"] or ""))
        elif name and (kind != "checkbox" or "checked" in node.attributes):
            pairs.add((name, node.attributes.get("value") or ""))
    return pairs


async def test_each_kind_has_its_card(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search")
    product = page.css_first(".card-product")
    video = page.css_first(".card-video")
    live = page.css_first(".card-live")
    assert product is not None
    words = {name: " ".join(node.text().split()) for name, node in (("p", product), ("v", video), ("l", live))}
    assert all(part in words["p"] for part in ("Logi", "€12.90", "€18.99", "−32%", "Bright Desk", "4.6"))
    assert all(part in words["v"] for part in ("1:05", "Tiny Tech Tests", "1.2M views", "14 Aug 2025"))
    assert all(part in words["l"] for part in ("Live", "Nora at Bright Desk", "4.3K watching"))
    assert "Only 3 left" in page.css(".card-product")[1].text()
    assert live.css_first(".badge-live")
    scheduled = page.css(".card-live")[1]
    assert not scheduled.css_first(".badge-live")
    assert "Sat 22 Nov, 18:00 UTC" in scheduled.text()


async def test_documents_with_nothing_but_a_title_are_drawn(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=bare")
    assert texts(page, ".card-title") == ["Bare product", "Bare video", "Bare live"]
    assert not page.css(".price")


async def test_nothing_of_a_document_or_of_the_query_becomes_markup(http: httpx.AsyncClient) -> None:
    for path in (
        "/search?q=mouse",
        '/search?q="><script>x</script>',
        "/items/product/p12",
        '/search?sort="><script>x</script>',
    ):
        html = (await http.get(path)).text
        assert not re.search(r"<script(?! (type=\"module\"|defer) src=\"/static/)", html)
        assert not re.search(r"<(i|u|b)>", html)
    page = await page_of(http, "/search?q=mouse")
    assert "<script>alert('x')</script> & \"quoted\" mouse" in texts(page, ".card-title")
    assert "mouse" in texts(page, ".card-title mark")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=wirless+mousse+xyzzy+without+cable&debug=1&without=price",
        "/search?q=zzz",
        "/search?page=0",
        "/items/product/p4",
        "/nothing",
        "/console/compare?q=mouse&b=bm25",
        "/console/compare",
    ],
)
async def test_pages_keep_their_own_content_policy(http: httpx.AsyncClient, path: str) -> None:
    html = (await http.get(path, headers={"accept": "text/html"})).text
    page = HTMLParser(html)
    assert not page.css("style, [style], iframe, img")
    assert page.css("script")
    assert all((script.attributes.get("src") or "").startswith("/static/") for script in page.css("script"))
    assert not any(script.text() for script in page.css("script"))
    assert not re.search(r"\son\w+=", html)
    for node in page.css("[href], [src], [action]"):
        for name in ("href", "src", "action"):
            assert not (node.attributes.get(name) or "").startswith(("http", "//"))


async def test_tabs_have_totals_and_keep_what_fits(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=coffee&filter.price=1..99&filter.language=en&sort=price_asc&page=1")
    links = {
        text.split()[0]: asked_by(a.attributes["href"])
        for text, a in zip(texts(page, ".tabs a"), page.css(".tabs a"), strict=True)
    }
    everywhere, prices = (
        {("q", "coffee"), ("filter.language", "en")},
        {("filter.price.gte", "1"), ("filter.price.lte", "99")},
    )
    assert links["All"] == everywhere | prices | {("sort", "price_asc")}
    assert links["Products"] == links["All"] | {("types", "product")}
    assert links["Videos"] == everywhere | {("types", "video")}
    for tab in page.css(".tabs a"):
        await page_of(http, tab.attributes["href"] or "")


async def test_the_current_tab_is_marked(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=coffee&filter.price=1..99")
    assert texts(page, ".tabs a") == ["All 1", "Products 1", "Videos 0", "Lives 0"]
    page = await page_of(http, "/search?q=coffee&types=video")
    assert texts(page, '.tabs a[aria-current="page"]') == ["Videos 1"]


async def test_chips_take_away_one_filter_each(http: httpx.AsyncClient) -> None:
    page = await page_of(
        http, "/search?q=mouse&filter.brand=HP&filter.brand=Logi&filter.price.gte=5&filter.in_stock=true"
    )
    chips = {
        text: asked_by(a.attributes["href"]) for text, a in zip(texts(page, ".chip"), page.css(".chip"), strict=True)
    }
    rest = {("q", "mouse"), ("filter.price.gte", "5"), ("filter.in_stock", "true")}
    assert chips["Remove filter Brand HP"] == rest | {("filter.brand", "Logi")}
    assert chips["Remove filter Price from 5"] == rest - {("filter.price.gte", "5")} | {
        ("filter.brand", "HP"),
        ("filter.brand", "Logi"),
    }
    assert "Remove filter In stock" in chips
    assert asked_by(page.css_first(".clear").attributes["href"]) == {("q", "mouse")}


async def test_the_filter_form_sends_all_that_is_in_force(http: httpx.AsyncClient) -> None:
    asked = {
        ("q", "mouse"), ("types", "product"), ("size", "5"), ("sort", "price_asc"), ("mode", "portable"),
        ("filter.brand", "HP"), ("filter.brand", "Gone"), ("filter.price.gte", "5"), ("filter.price.lte", "90"),
        ("filter.in_stock", "false"), ("filter.attr.colour", "Red"), ("filter.category", "Electronics > Mice"),
        ("filter.seller", "Orbit"),
    }  # fmt: skip
    page = await page_of(http, str(httpx.URL("/search", params=sorted(asked))))
    sent = submitted_by(page, "filters")
    assert not asked - sent
    assert "facets" not in {name for name, _ in sent}


async def test_categories_lead_down_and_back_up(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?types=product&filter.brand=Bosa&filter.brand=Logi")
    assert texts(page, ".way a") == ["Electronics2"]
    page = await page_of(http, page.css_first(".way a").attributes["href"] or "")
    assert texts(page, ".way a") == ["All categories", "Electronics", "Mice1", "Audio1"]
    assert texts(page, '.way [aria-current="true"]') == ["Electronics"]
    page = await page_of(http, page.css(".way a")[3].attributes["href"] or "")
    page = await page_of(http, page.css(".way a")[3].attributes["href"] or "")
    kept = {("types", "product"), ("filter.brand", "Bosa"), ("filter.brand", "Logi")}
    # A leaf: what stands beside it, which is nothing here, and the way back.
    assert texts(page, ".way a") == ["All categories", "Electronics", "Audio", "Headphones1"]
    assert texts(page, ".crumbs li") == ["All categories", "Electronics", "Audio"]
    assert asked_by(page.css(".way a")[1].attributes["href"]) == kept | {("filter.category", "Electronics")}
    assert asked_by(page.css(".way a")[0].attributes["href"]) == kept
    assert texts(page, ".chips:not(.taken) .chip")[-1] == "Remove filter Category Electronics › Audio › Headphones"


async def test_pages_are_walked_by_links_that_keep_everything(http: httpx.AsyncClient) -> None:
    seen: list[str] = []
    path: str | None = "/search?types=product&filter.price=1..&size=4&debug=1"
    while path:
        page = await page_of(http, path)
        seen += [a.attributes["href"] or "" for a in page.css(".card-title a")]
        forward = page.css_first('a[rel="next"]')
        path = forward.attributes["href"] if forward else None
        assert path is None or {("types", "product"), ("filter.price.gte", "1"), ("size", "4")} < asked_by(path)
    assert len(seen) == len(set(seen)) == 14
    assert texts(page, '.paging [aria-current="page"]') == ["Page 4"]
    assert page.css_first('head link[rel="prev"]')


async def test_a_page_too_far_leads_back(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse&page=40")
    assert "There is no page 40" in texts(page, "h2")
    assert asked_by(page.css_first(".empty a").attributes["href"]) == {("q", "mouse")}


async def test_an_empty_answer_helps_on(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=wireless+zeppelin&types=product&filter.brand=HP")
    hints = {
        text: asked_by(a.attributes["href"])
        for text, a in zip(texts(page, ".empty .hints a"), page.css(".empty .hints a"), strict=True)
    }
    assert hints["Drop all filters"] == {("q", "wireless zeppelin"), ("types", "product")}
    assert hints["Search products, videos and lives"] == {("q", "wireless zeppelin"), ("filter.brand", "HP")}
    assert ("q", "wireless") in hints["Try fewer words: “wireless”"]
    assert hints["See what is popular"] == set()
    assert page.css(".chip[href*='filter.category=Electronics']")
    assert texts(page, ".shelf h2") == ["Categories", "Popular right now"]
    assert len(page.css(".shelf .card")) == 12


async def test_debug_shows_stages_scores_and_requests(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse&debug=1")
    assert texts(page, ".debug .stages tbody th") == ["understand", "recall", "fuse", "present"]
    bars = [rect.attributes for rect in page.css(".bar rect:not(.rail)")]
    assert sum(float(bar["width"] or 0) for bar in bars) == pytest.approx(100, abs=2)
    assert "POST /souk-products/_search" in page.css_first(".debug pre").text()
    assert texts(page, ".debug details summary") == ["product: lexical"]
    assert texts(page, ".card .routes dt")[:3] == ["score", "lexical", "vector"]
    assert not (await page_of(http, "/search?q=mouse")).css(".debug, .routes")


async def test_a_page_of_mistakes_names_them(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse&sort=odd&page=0&colour=red", status=422)
    assert {"colour", "page", "sort"} == set(texts(page, ".mistakes dt"))
    assert page.css_first("#q").attributes["value"] == "mouse"


async def test_an_engine_away_is_a_page_with_a_way_to_try_again(serve: Serve) -> None:
    async with serve(FakeCore(raises=EngineUnavailableError("the engine is away", "Wait a moment", 7))) as http:
        page = await page_of(http, "/search?q=mouse&filter.brand=HP", status=503)
    assert "about 7 seconds" in page.body.text()
    assert asked_by(page.css_first("a.button").attributes["href"]) == {("q", "mouse"), ("filter.brand", "HP")}


async def test_a_fault_is_a_page_without_a_stack_trace(serve: Serve) -> None:
    async with serve(FakeCore(raises=RuntimeError("secret detail"))) as http:
        page = await page_of(http, "/search?q=mouse", status=500)
    assert "secret" not in page.html
    assert "Traceback" not in page.html


async def test_one_item(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/items/product/p4")
    assert "€249.00" in page.body.text()
    assert texts(page, "h1") == ["QuietComfort Over-Ear Wireless Headphones with Noise Cancelling"]
    await page_of(http, "/items/product/none", status=404)


async def test_styles_are_kept_for_good_under_their_version(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search")
    href = page.css_first('link[rel="stylesheet"]').attributes["href"] or ""
    answer = await http.get(href)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert (await http.get(href.split("=")[0] + "=00000000")).headers["cache-control"] == "no-cache"
    assert "url(" not in answer.text
    used = {node.attributes["href"] or "" for node in page.css("use")}
    icons = (await http.get(urlsplit(used.copy().pop())._replace(fragment="").geturl())).text
    assert all(f'id="{urlsplit(use).fragment}"' in icons for use in used)


async def test_pages_go_by_number_alone(http: httpx.AsyncClient, core: FakeCore) -> None:
    page = await page_of(http, "/search?q=mouse&cursor=*&debug=1")
    assert texts(page, ".card-title")
    assert core.asked[-1].cursor is None

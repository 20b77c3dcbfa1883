"""A shopper in a real browser, on the real engine: search, filter, page, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from chromium import without_chromium
from playwright.sync_api import Browser, Page, expect

QUERY = "headphones"
pytestmark = [pytest.mark.engine, pytest.mark.browser, without_chromium]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: script errors, refused styles or pictures, failed or foreign requests."""
    return []


@pytest.fixture
def page(browser: Browser, live_server: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    own = urlsplit(live_server).netloc
    page.on("request", lambda r: complaints.append(f"foreign: {r.url}") if urlsplit(r.url).netloc != own else None)
    yield page
    context.close()


def total(page: Page) -> int:
    """The number in the current tab."""
    words = page.locator(".tabs [aria-current] .pill").inner_text()
    return int(re.sub(r"\D", "", words))


def items(page: Page) -> list[str]:
    """The addresses of the cards: two listings may have the same title."""
    return [card.get_attribute("href") or "" for card in page.locator(".card-title a").all()]


def test_a_shopper_searches_filters_and_pages(page: Page, complaints: list[str]) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Popular right now")).to_be_visible()
    page.get_by_role("searchbox").fill(QUERY)
    page.get_by_role("searchbox").press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text(QUERY)
    expect(page.locator(".card-product").first).to_be_visible()
    kinds = [kind for kind in ("product", "video", "live") if page.locator(f".card-{kind}").count()]
    assert len(kinds) >= 2, f"a mixed row, not only {kinds}"
    expect(page.locator(".card mark").first).to_have_text(re.compile(QUERY, re.IGNORECASE))
    first_page, before = items(page), total(page)

    page.get_by_role("link", name="Next").click()
    expect(page.locator(".paging [aria-current]")).to_have_text("Page 2")
    assert not set(first_page) & set(items(page))
    page.get_by_role("link", name="Previous").click()
    assert items(page) == first_page

    box = page.locator('input[name="filter.brand"]').first
    brand = box.get_attribute("value") or ""
    box.check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("link", name=f"Remove filter Brand {brand}")).to_be_visible()
    expect(page.locator(".card-product .eyebrow").first).to_have_text(brand, ignore_case=True)
    assert 0 < total(page) < before
    expect(page.locator(f'input[name="filter.brand"][value="{brand}"]')).to_be_checked()

    page.get_by_role("link", name=f"Remove filter Brand {brand}").click()
    assert total(page) == before
    page.get_by_role("link", name=re.compile("^Products")).click()
    assert page.locator(".card").count() == page.locator(".card-product").count() > 0
    page.locator(".card-title a").first.click()
    expect(page.locator("main h1")).to_be_visible()
    assert not complaints


def test_sorting_keeps_the_search(page: Page, complaints: list[str]) -> None:
    page.goto(f"/search?q={QUERY}&types=product")
    page.get_by_label("Sort by").select_option("price_asc")
    page.get_by_role("button", name="Sort").click()
    prices = [float(re.sub(r"[^\d.]", "", text)) for text in page.locator(".card .price strong").all_inner_texts()]
    assert len(prices) > 1
    assert prices == sorted(prices)
    expect(page.get_by_role("searchbox")).to_have_value(QUERY)
    assert not complaints


def test_what_the_words_were_taken_for_can_be_undone(page: Page, complaints: list[str]) -> None:
    page.goto("/search?q=headphones+under+100+euro")
    chip = page.get_by_role("link", name="Do not take as this: Price up to €100")
    expect(chip).to_be_visible()
    prices = [float(re.sub(r"[^\d.]", "", text)) for text in page.locator(".card .price strong").all_inner_texts()]
    assert prices
    assert max(prices) <= 100
    chip.click()
    expect(chip).to_have_count(0)
    page.get_by_role("link", name="Switch on again: price off").click()
    expect(chip).to_be_visible()
    assert not complaints


def test_a_merchandiser_asks_why_and_compares(page: Page, complaints: list[str]) -> None:
    page.goto(f"/search?q={QUERY}&types=product&debug=1")
    why = page.locator(".card .why").first
    why.locator("summary").click()
    expect(why).to_contain_text("Found by")
    expect(page).to_have_url(re.compile("debug=1"))  # a click on the card's reasons does not open the item

    page.get_by_role("link", name="Compare rankers on this query").click()
    page.get_by_label("Ranker A").fill("bm25")
    page.get_by_label("Ranker B").fill("full:-spelling")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".sides h2")).to_have_text(["bm25", "full without spelling"])
    titles = page.locator(".sides ol").first.locator("a").all_inner_texts()
    assert titles
    page.get_by_role("link", name="Swap A and B").click()
    expect(page.locator(".sides h2")).to_have_text(["full without spelling", "bm25"])
    assert page.locator(".sides ol").last.locator("a").all_inner_texts() == titles
    assert not complaints


def test_the_keyboard_finds_its_way(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/categories",
        f"/search?q={QUERY}&debug=1",
        f"/console/compare?a=bm25&q={QUERY}",
        "/search?q=zzzzqqqq+xxyyzz&types=live&filter.status=replay",
        "/nothing",
    ],
)
def test_a_small_phone_never_scrolls_sideways(browser: Browser, live_server: str, path: str, scheme: str) -> None:
    context = browser.new_context(
        base_url=live_server,
        viewport={"width": 360, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto(path)
    for summary in page.locator("main details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert not refused
    context.close()


def test_a_phone_opens_its_filters(browser: Browser, live_server: str) -> None:
    context = browser.new_context(base_url=live_server, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"/search?q={QUERY}")
    box = page.locator('input[name="filter.brand"]').first
    expect(box).to_be_hidden()
    page.locator(".filters > summary").click()
    sheet = page.get_by_role("dialog", name="Filters")
    expect(sheet).to_be_visible()
    box.check()
    expect(page).to_have_url(re.compile("/search"))  # on a phone nothing is sent before it is asked for
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.locator(".filters > summary").click()
    expect(box).to_be_checked()
    brand = box.get_attribute("value")
    sheet.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("link", name=f"Remove filter Brand {brand}")).to_be_visible()
    context.close()

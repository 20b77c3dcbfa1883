"""What scripts add to the pages, for the eye, the keyboard and those who listen; and what a page may weigh."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from chromium import without_chromium
from playwright.sync_api import Browser, Page, Route, expect

QUERY = "headphones"
PAGES = {
    "home": "/",
    "results": f"/search?q={QUERY}",
    "nothing": "/search?q=zzzqqq+xxyyzz&types=live&filter.status=replay",
    "categories": "/categories",
}
LOOKS = (("en", "dark", 360), ("ar", "light", 1280))  # each language, colours and width once: axe takes its time
BUDGET = 150_000  # bytes of markup, style and script over the wire
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
GRAVE = ("serious", "critical")
pytestmark = [pytest.mark.engine, pytest.mark.browser, without_chromium]


@pytest.fixture
def complaints() -> list[str]:
    """Script errors, and what the content policy refused."""
    return []


@pytest.fixture
def page(browser: Browser, live_server: str, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server, viewport={"width": 1280, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


def suggestion(kind: str, text: str, href: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "text": text, "marked": [[0, 2]], "href": href, "detail": None, "corrected": False} | more


def test_the_keyboard_walks_through_suggestions(page: Page) -> None:
    """The pattern of the ARIA Authoring Practices for an editable combobox with a list."""
    found = [
        suggestion("query", "mouse pad", "/search?q=mouse+pad"),
        suggestion("product", "<b>Mouse</b>", "/items/product/p-1", detail="12.90 EUR"),
        suggestion("query", "elsewhere", "https://evil.example/"),
    ]
    page.route("**/v1/suggest*", lambda route: route.fulfill(json={"q": "mo", "took_ms": 1.0, "suggestions": found}))
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("mo")
    options = page.get_by_role("option")
    expect(options).to_have_text(["mouse pad", "<b>Mouse</b>12.90 EUR"])  # no markup, no address that is not ours
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".search [role=status]")).to_have_text("2 suggestions")

    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    box.press("Home")
    assert box.get_attribute("aria-activedescendant") is None
    expect(box).to_have_value("mo")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=mouse\+pad$"))


def test_an_input_method_is_left_alone(page: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"q": "", "took_ms": 1.0, "suggestions": []})

    page.route("**/v1/suggest*", answer)
    page.goto("/")
    box = page.get_by_role("combobox")
    box.focus()
    page.evaluate(
        """box => {
            box.dispatchEvent(new CompositionEvent('compositionstart'));
            box.value = 'mo';
            box.dispatchEvent(new InputEvent('input', {isComposing: true}));
        }""",
        box.element_handle(),
    )
    page.wait_for_timeout(300)
    assert not asked
    with page.expect_request("**/v1/suggest*"):
        page.evaluate("box => box.dispatchEvent(new CompositionEvent('compositionend'))", box.element_handle())


@pytest.mark.parametrize("path", ["/", "/search?types=video"])
def test_the_real_suggestions_lead_somewhere(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("combobox", name="Search products").press_sequentially("head", delay=30)
    first = page.get_by_role("option").first
    expect(first).to_be_visible()
    first.click()
    expect(page.locator("main h1")).to_be_visible()
    expect(page).not_to_have_url(re.compile(re.escape(path) + "$"))


def test_a_click_on_a_choice_filters_at_once_and_the_slider_sets_the_price(page: Page) -> None:
    page.goto(f"/search?q={QUERY}&types=product")
    box = page.locator('input[name="filter.brand"]').first
    brand = box.get_attribute("value")
    box.click()
    expect(page.get_by_role("link", name=f"Remove filter Brand {brand}")).to_be_visible()
    assert "sort=" not in page.url
    high = page.get_by_role("slider", name="Highest price")
    high.focus()
    expect(high).to_have_attribute("aria-valuetext", "Any")
    for _ in range(10):
        high.press("ArrowLeft")
    limit = page.get_by_label("To", exact=True).input_value()
    assert float(limit) == 250
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("link", name=f"Remove filter Price up to {limit}")).to_be_visible()
    expect(page.get_by_role("slider", name="Highest price")).to_have_attribute("aria-valuetext", limit)


def test_a_long_facet_can_be_searched(page: Page) -> None:
    page.goto("/search?types=product")
    group = page.locator("[data-facet=brand]")
    last = group.locator('input[name="filter.brand"]').last.get_attribute("value") or ""
    group.get_by_role("searchbox", name="Find in Brand").fill(last[:4])
    expect(group.locator(".tick").first).to_contain_text(last[:4], ignore_case=True)
    group.get_by_role("checkbox", name=last).first.click()
    expect(page.get_by_role("link", name=f"Remove filter Brand {last}")).to_be_visible()


def test_colours_change_at_once_and_stay(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.get_by_role("link", name="Dark colours").click()
    dark = page.evaluate(colour)
    assert dark != light
    expect(page.get_by_role("link", name="Light colours")).to_be_focused()
    page.goto("/categories")
    assert page.evaluate(colour) == dark


def test_the_language_changes_and_stays(page: Page) -> None:
    page.goto(f"/search?q={QUERY}")
    page.get_by_role("link", name="العربية").click()
    expect(page).to_have_url(re.compile(rf"/search\?q={QUERY}$"))
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    filters, row = page.locator("aside").bounding_box(), page.locator(".row").bounding_box()
    assert filters
    assert row
    assert filters["x"] > row["x"]
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "ar")


@pytest.mark.parametrize("path", [PAGES["home"], PAGES["results"]])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_is_light_and_nothing_in_it_moves(browser: Browser, live_server: str, path: str, width: int) -> None:
    context = browser.new_context(base_url=live_server, viewport={"width": width, "height": 800})
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: _wire_size(answer)}))
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) "
        "if (!entry.hadRecentInput) window.moved += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(path, wait_until="networkidle")
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(200)
    assert page.evaluate("window.moved") == 0
    assert 0 < sum(sizes.values()) < BUDGET, sizes
    context.close()


def _wire_size(answer: Any) -> int:
    """Bytes of the body as it was sent; pictures are not counted."""
    if answer.headers.get("content-type", "").startswith(("image/webp", "image/png", "video/")):
        return 0
    body: bytes = answer.body()
    zipped = answer.headers.get("content-encoding") == "gzip"
    return int(answer.headers.get("content-length") or (len(gzip.compress(body, 5)) if zipped else len(body)))


@pytest.mark.parametrize(("lang", "scheme", "width"), LOOKS)
def test_nothing_serious_stands_in_anybodys_way(
    browser: Browser, live_server: str, lang: str, scheme: str, width: int
) -> None:
    """axe-core's rules, in the languages, colours and widths of the shop."""
    context = browser.new_context(
        base_url=live_server,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # axe is injected; the shop itself is not allowed to do so
        extra_http_headers={"Accept-Language": lang},
    )
    page = context.new_page()
    found = {}
    for name, path in PAGES.items():
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("lang", lang)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(one => one.violations)")
        grave = [one for one in violations if one["impact"] in GRAVE]
        found |= {f"{name}: {one['id']}": [node["html"] for node in one["nodes"][:3]] for one in grave}
    context.close()
    assert not found

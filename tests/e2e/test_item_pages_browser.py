"""The pages of one item in a real browser: nothing in anybody's way, the clip jumps, the gallery works."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from chromium import without_chromium
from playwright.sync_api import Browser, Page
from test_storefront import AXE

pytestmark = [pytest.mark.browser, pytest.mark.engine, without_chromium]


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server, viewport={"width": 360, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def found(server: str, query: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{server}/v1/search?{query}", timeout=15) as answer:
        return [hit["document"] for hit in json.load(answer)["hits"]]


def test_every_kind_of_page_is_open_to_all(page: Page, live_server: str) -> None:
    (product, *_), (video, *_), (live, *_) = (
        found(live_server, f"types={kind}&sort=popularity&size=1") for kind in ("product", "video", "live")
    )
    paths = [
        f"/items/product/{product['id']}",
        f"/items/video/{video['id']}",
        f"/items/live/{live['id']}",
        f"/sellers/{product['seller_id']}",
        f"/creators/{video['creator_id']}",
    ]
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
        faults = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(one => one.violations)")
        serious = [(one["id"], one["nodes"][0]["html"]) for one in faults if one["impact"] in ("serious", "critical")]
        assert not serious, path
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide), f"{path} is wider than a phone"
    # The last two pages are of a seller and a creator: neither is remembered, the three items are.
    assert page.locator("section[aria-labelledby=recent] .card").count() == 3


def test_a_clip_plays_from_where_a_product_is_shown(page: Page, live_server: str) -> None:
    videos = [one for number in (1, 2, 3) for one in found(live_server, f"types=video&size=50&page={number}")]
    video = next(one for one in videos if one.get("media") and len(one.get("products", ())) > 1)
    page.goto(f"/items/video/{video['id']}")
    last = page.locator("a[data-seek]").last
    wanted = float(last.get_attribute("data-seek") or 0)
    last.click()
    page.wait_for_function(f"document.querySelector('video').currentTime >= {wanted}")
    assert page.url.endswith(f"/items/video/{video['id']}"), "it jumps on its page"
    assert page.evaluate("document.querySelector('video').textTracks.length") == 1

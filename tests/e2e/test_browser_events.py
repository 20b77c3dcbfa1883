"""What a shopper's browser tells of what was seen and clicked, on the real engine."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from stack.behaviour import EVENTS, QUERIES, index_of
from stack.client import connect
from stack.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
ROOT = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
WRITTEN_S = 15
pytestmark = [
    pytest.mark.engine,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: install the package chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS + ROOT)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, live_server: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=live_server, viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def engine(market_settings: Settings) -> Iterator[OpenSearch]:
    with connect(market_settings) as client:
        yield client


def results(page: Page, words: str) -> str:
    """Search; the query_id of the row that is shown."""
    page.goto(f"/search?q={words}")
    row = page.locator("[data-query-id]").filter(has=page.locator("[data-position]")).first
    expect(row.locator("[data-position]").first).to_be_visible()
    return str(row.get_attribute("data-query-id"))


def events(engine: OpenSearch, settings: Settings, query_id: str, at_least: int) -> list[dict[str, Any]]:
    """The events of a search, as soon as there are so many."""
    until = time.monotonic() + WRITTEN_S
    while True:
        engine.indices.refresh(index=index_of(settings, EVENTS))
        body = {"size": 100, "query": {"term": {"query_id": query_id}}, "sort": ["timestamp"]}
        found = [hit["_source"] for hit in engine.search(index=index_of(settings, EVENTS), body=body)["hits"]["hits"]]
        if len(found) >= at_least or time.monotonic() > until:
            return found
        time.sleep(0.2)


def test_what_was_in_view_and_what_was_clicked_is_written_down(
    context: BrowserContext, engine: OpenSearch, market_settings: Settings
) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    query_id = results(page, "headphones")
    second = page.locator("[data-query-id] [data-position='2']").first
    about = second.get_attribute("data-type"), second.get_attribute("data-id")
    page.wait_for_timeout(1_300)  # a second in view is an impression
    second.locator("a[href]").first.click()
    page.wait_for_url("**/items/**")

    found = events(engine, market_settings, query_id, 3)
    seen = [event for event in found if event["action_name"] == "impression"]
    (click,) = [event for event in found if event["action_name"] == "click"]
    thing = click["event_attributes"]["object"]
    assert (thing["object_id_type"], thing["object_id"]) == about
    assert click["event_attributes"]["position"] == {"ordinal": 2}
    places = [event["event_attributes"]["position"]["ordinal"] for event in seen]
    assert places[:2] == [1, 2]
    assert len(places) == len(set(places)), "each card is seen once"
    assert complaints == []

    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "souk_client"]
    assert cookie["sameSite"] == "Lax"
    assert {event["client_id"] for event in found} == {cookie["value"]}
    assert len({event["session_id"] for event in found}) == 1
    hits = engine.get(index=index_of(market_settings, QUERIES), id=query_id)["_source"]["query_response_hit_ids"]
    assert hits[1] == thing["object_id"]

    # The next search of the same browser is known by the cookie.
    again = results(page, "laptop")
    until = time.monotonic() + WRITTEN_S
    while not engine.exists(index=index_of(market_settings, QUERIES), id=again) and time.monotonic() < until:
        time.sleep(0.2)
    assert engine.get(index=index_of(market_settings, QUERIES), id=again)["_source"]["client_id"] == cookie["value"]


PAGE = """<!doctype html><html lang="en"><title>Item</title>
<main data-type="{type}" data-id="{id}" data-event-open="join">
<video data-event="watch"></video>
<button data-event="add_to_cart" data-value="12.5" data-currency="EUR" data-quantity="2">Into the cart</button>
</main><script src="/static/events.js" defer></script></html>"""


def test_what_is_done_with_an_item_belongs_to_the_search_that_led_there(
    context: BrowserContext, engine: OpenSearch, market_settings: Settings
) -> None:
    """The script on a page of an item as a shop with a cart and a player would have it."""
    page = context.new_page()
    query_id = results(page, "headphones")
    card = page.locator("[data-query-id] [data-position='3']").first
    thing = {"type": card.get_attribute("data-type") or "", "id": card.get_attribute("data-id") or ""}
    page.route("**/items/**", lambda route: route.fulfill(body=PAGE.format(**thing), content_type="text/html"))
    card.locator("a[href]").first.click()
    page.wait_for_url("**/items/**")
    page.get_by_role("button").click()
    page.locator("video").dispatch_event("playing")
    page.wait_for_timeout(1_200)
    page.locator("video").dispatch_event("pause")
    page.goto("/healthz")  # leaving sends the rest

    found = {event["action_name"]: event["event_attributes"] for event in events(engine, market_settings, query_id, 4)}
    assert found.keys() >= {"click", "join", "add_to_cart", "watch"}
    for name in ("join", "add_to_cart", "watch"):
        assert found[name]["object"] == found["click"]["object"]
        assert found[name]["position"] == {"ordinal": 3}
    assert 1 <= found["watch"]["seconds"] < 5
    cart = found["add_to_cart"]
    assert (cart["value"], cart["currency"], cart["quantity"]) == (12.5, "EUR", 2)


def test_who_asks_not_to_be_followed_is_not(
    context: BrowserContext, engine: OpenSearch, market_settings: Settings
) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', { get: () => true });")
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/v1/events" in request.url else None)
    query_id = results(page, "headphones")
    page.wait_for_timeout(1_300)
    page.locator("[data-query-id] [data-position='1'] a[href]").first.click()
    page.wait_for_url("**/items/**")
    assert sent == []
    assert [cookie for cookie in context.cookies() if cookie["name"] == "souk_client"] == []
    assert events(engine, market_settings, query_id, 0) == []

"""What shoppers see of signals, through the application over the real engine: prices, stock and rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch
from running import app_client

from api.rooms import read_rooms
from stack.client import connect, connect_async
from stack.documents import Live, Product, index_body
from stack.embedding import Encoder
from stack.settings import Settings
from stack.signals import SIGNAL, millis, update_lines

pytestmark = pytest.mark.engine
WRITTEN = datetime.now(UTC) - timedelta(hours=2)


def documents(now: datetime) -> list[Product | Live]:
    return [
        *(
            Product(id=f"lamp{n}", title="Desk lamp", price=10.0 + n, currency="EUR", stock=5, updated_at=WRITTEN)
            for n in range(3)
        ),
        # Its document has not heard of it for hours, its signal has.
        Live(id="on", title="Lamp evening", status="live", viewers=10, heartbeat_at=WRITTEN, updated_at=WRITTEN),
        Live(id="opened", title="Lamp opening", status="scheduled", updated_at=WRITTEN),
        Live(id="silent", title="Lamp night", status="live", heartbeat_at=WRITTEN, updated_at=WRITTEN),
        Live(id="shut", title="Lamp sale", status="live", heartbeat_at=now, updated_at=WRITTEN),
    ]


@pytest.fixture(scope="module")
def lamps(make_indexes: Callable[..., Settings]) -> Settings:
    """A shop of lamps, with signals newer than its documents."""
    settings = make_indexes("shown")
    signals, now = settings.alias(SIGNAL), datetime.now(UTC)  # not the time of the import: a heartbeat counts 2 minutes
    beat = {"heartbeat_at": now.isoformat(), "viewers": 77}
    said: list[tuple[str, str, dict[str, Any], datetime]] = [
        ("product", "lamp0", {"price": 99.0, "stock": 0}, now),
        ("product", "lamp1", {"price": 5.5}, now),
        ("product", "lamp2", {"price": 1.0}, WRITTEN - timedelta(days=1)),  # the full record is newer
        ("live", "on", beat, now),
        ("live", "opened", beat | {"status": "live"}, now),
        ("live", "shut", {"status": "ended"}, now),
    ]
    with connect(settings) as client:
        for document in documents(now):
            client.index(index=settings.alias(document.kind), id=document.id, body=index_body(document))
        client.bulk(body=b"".join(update_lines(signals, kind, id, fields, millis(at)) for kind, id, fields, at in said))
        client.indices.refresh(index=f"{settings.index_prefix}-*")
    return settings


@pytest.fixture(scope="module")
async def shop(lamps: Settings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    """The application over it."""
    async with app_client(lamps, encoder) as client:
        yield client


async def search(shop: httpx.AsyncClient, **request: Any) -> dict[str, Any]:
    answer = await shop.post("/v1/search", json=request)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def shown(answer: dict[str, Any], field: str) -> dict[str, Any]:
    return {hit["id"]: hit["document"].get(field) for hit in answer["hits"]}


async def test_hits_and_items_show_the_newer_price(shop: httpx.AsyncClient) -> None:
    answer = await search(shop, q="desk lamp", types=["product"])
    assert shown(answer, "price") == {"lamp0": 99.0, "lamp1": 5.5, "lamp2": 12.0}
    assert shown(answer, "in_stock") == {"lamp0": False, "lamp1": True, "lamp2": True}
    item = (await shop.get("/v1/items/product/lamp0")).json()
    document = item.get("document", item)
    assert (document["price"], document["stock"]) == (99.0, 0)


async def test_a_hit_that_no_longer_fits_is_left_out_of_its_page(shop: httpx.AsyncClient) -> None:
    answer = await search(shop, q="desk lamp", types=["product"], filters={"price": {"lte": 50}, "in_stock": True})
    assert set(shown(answer, "price")) == {"lamp1", "lamp2"}
    assert answer["totals"]["product"]["value"] == 3  # totals are of the documents


async def test_a_room_with_a_heartbeat_in_its_signal_is_on(shop: httpx.AsyncClient) -> None:
    answer = await search(shop, q="lamp", types=["live"])
    states = shown(answer, "status")
    assert states == {"on": "live", "opened": "live", "silent": "ended", "shut": "ended"}
    assert {hit["id"] for hit in answer["hits"][:2]} == {"on", "opened"}  # what is over stands behind
    assert shown(answer, "viewers")["on"] == 77
    for status, expected in (("live", {"on", "opened"}), ("ended", {"silent", "shut"}), ("scheduled", set())):
        found = await search(shop, q="", types=["live"], filters={"status": status})
        assert set(shown(found, "status")) == expected
        assert found["totals"]["live"]["value"] == len(expected)


async def test_without_signals_documents_are_shown(lamps: Settings, shop: httpx.AsyncClient) -> None:
    """At last, as it takes the index away."""
    client: OpenSearch
    with connect(lamps) as client:
        client.indices.delete(index=f"{lamps.alias(SIGNAL)}-000001")
    answer = await search(shop, q="desk lamp", types=["product"])
    assert shown(answer, "price") == {"lamp0": 10.0, "lamp1": 11.0, "lamp2": 12.0}
    assert not answer["degraded"]
    assert (await shop.get("/v1/items/product/lamp0")).status_code == 200
    reader = connect_async(lamps)
    assert not (await read_rooms(reader, lamps.alias(SIGNAL), datetime.now(UTC))).by_id
    await reader.close()

"""A node that stops answering, dies, and comes back, under the same running API. A second node, with a small heap."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk
from running import app_client

from stack import node
from stack.apply import apply, plan
from stack.capabilities import read_capabilities
from stack.client import connect
from stack.documents import Product, index_body
from stack.embedding import Encoder
from stack.node.launch import free_port
from stack.settings import Settings

pytestmark = pytest.mark.engine
DEADLINE_S = 1.0


@pytest.fixture(scope="module")
def fragile(run_settings: Settings, encoder: Encoder) -> Iterator[Settings]:
    """A node of its own with one product, that may be hurt."""
    folder = Path(tempfile.mkdtemp(prefix="souk-outage-"))
    folder.chmod(0o755)
    changes = {"opensearch_url": None, "engine_port": free_port(), "engine_heap": "256m", "state_dir": folder / "state"}
    settings = run_settings.model_copy(update=changes | {"deadline_ms": int(DEADLINE_S * 1000)})
    node.start(settings, say=print)
    try:
        product = Product(id="m1", title="Wireless mouse", updated_at=datetime(2026, 1, 1, tzinfo=UTC))
        with connect(settings) as client:
            apply(client, plan(client, settings, encoder.card, read_capabilities(client)))
            bulk(client, [{"_index": "souk-products", "_id": "m1", **index_body(product)}], refresh=True)
            _wait_green(client)
        yield settings
    finally:
        node.stop(settings, print)


def _wait_green(client: OpenSearch) -> None:
    client.cluster.health(params={"wait_for_status": "yellow"})


async def ids(client: httpx.AsyncClient) -> list[str]:
    answer = await client.get("/v1/search", params={"q": "mouse"})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


async def refused(client: httpx.AsyncClient) -> None:
    """503 in time, with the remedy, and on the page too: never a stack trace."""
    started = time.perf_counter()
    answer = await client.get("/v1/search", params={"q": "mouse"})
    assert time.perf_counter() - started < DEADLINE_S + 1.0
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["remedy"]
    page = await client.get("/search", params={"q": "mouse"}, headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "Traceback" not in page.text + answer.text
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503


async def test_stopped_in_mid_request_then_killed_then_restarted(fragile: Settings, encoder: Encoder) -> None:
    async with app_client(fragile, encoder) as client:
        assert await ids(client) == ["m1"]

        state = node.read_state(fragile)
        assert state is not None
        os.kill(state.pid, signal.SIGSTOP)  # connections stay open, nothing answers
        try:
            await refused(client)
        finally:
            os.kill(state.pid, signal.SIGCONT)
        await _until_found(client)

        process = psutil.Process(state.pid)
        process.kill()
        process.wait(20)
        await refused(client)

        node.start(fragile, say=print)
        with connect(fragile) as engine:
            _wait_green(engine)
        await _until_found(client)


async def _until_found(client: httpx.AsyncClient) -> None:
    """Back by itself, without a restart of the API."""
    until = time.monotonic() + 30
    while (await client.get("/v1/search", params={"q": "mouse"})).status_code != 200:
        assert time.monotonic() < until, "searches did not come back"
        await asyncio.sleep(0.3)
    assert await ids(client) == ["m1"]

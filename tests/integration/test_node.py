"""A node of its own with a small heap: started, reused, silent, killed and started again under an API, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil
import pytest
from opensearchpy import OpenSearch
from running import app_client, short_lived_engines
from typer.testing import CliRunner

from souk import app
from stack import node
from stack.apply import apply, plan
from stack.capabilities import read_capabilities, read_capabilities_async
from stack.client import connect, connect_async
from stack.documents import Product, index_body
from stack.embedding import Encoder
from stack.errors import EngineStartError, EngineUnavailableError
from stack.node.launch import free_port
from stack.settings import Settings
from stack.status import read_status

pytestmark = pytest.mark.engine
DEADLINE_S = 1.0


@pytest.fixture(scope="module")
def own(run_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a second engine: its own port and state folder, the shared distribution."""
    folder = tmp_path_factory.mktemp("node")
    for parent in (folder, *folder.parents):  # pytest's folders are closed (0700) to the user root starts it as
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    folder.chmod(0o755)
    second = run_settings.model_copy(
        update={
            "deadline_ms": int(DEADLINE_S * 1000),
            "opensearch_url": None,
            "engine_port": free_port(),
            "engine_heap": "256m",
            "state_dir": folder / "state",
        }
    )
    with short_lived_engines():
        yield second
        node.stop(second, print)


def test_it_is_started_once_and_for_one_place(own: Settings) -> None:
    said: list[str] = []
    state = node.start(own, say=said.append)
    process = psutil.Process(state.pid)
    assert process.uids().effective != 0  # never as root
    assert {c.laddr.ip.removeprefix("::ffff:") for c in process.net_connections() if c.status == "LISTEN"} <= {
        "127.0.0.1",
        "::1",
    }
    assert node.start(own, say=said.append) == state
    assert "reused" in said[-1]
    with pytest.raises(EngineStartError, match=f"already runs on port {state.port}"):
        node.start(own, port=free_port(), say=said.append)
    with pytest.raises(EngineStartError, match=f"already runs on the data of {state.data_dir}"):
        node.start(own, data_dir=own.state_dir / "other", say=said.append)


async def test_silent_then_killed_then_started_again_under_the_api(own: Settings, encoder: Encoder) -> None:
    """On the node that runs by now. The API is the same from start to end."""
    state = node.read_state(own)
    assert state is not None
    with connect(own) as client:
        apply(client, plan(client, own, encoder.card, read_capabilities(client)))
        product = Product(id="m1", title="Wireless mouse", updated_at=datetime(2026, 1, 1, tzinfo=UTC))
        client.index(index=own.alias("product"), id="m1", body=index_body(product), params={"refresh": "true"})
        client.cluster.health(params={"wait_for_status": "yellow"})
    async with app_client(own, encoder) as http:
        await found(http)

        os.kill(state.pid, signal.SIGSTOP)  # connections stay open, nothing answers
        try:
            await refused(http)
        finally:
            os.kill(state.pid, signal.SIGCONT)
        await found(http)

        process = psutil.Process(state.pid)
        process.kill()
        process.wait(20)
        assert node.read_state(own) is None
        await refused(http)
        with connect(own) as client, pytest.raises(EngineUnavailableError, match="souk up"):
            read_capabilities(client)

        said: list[str] = []
        node.start(own, say=said.append)
        assert any(f"pid {state.pid} is gone" in line for line in said)
        with connect(own) as client:
            client.cluster.health(params={"wait_for_status": "yellow"})
        await found(http)


async def refused(http: httpx.AsyncClient) -> None:
    """503 in time, with the remedy, and on the page too: never a stack trace."""
    started = time.perf_counter()
    answer = await http.get("/v1/search", params={"q": "mouse"})
    assert time.perf_counter() - started < DEADLINE_S + 1.0
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["remedy"]
    page = await http.get("/search", params={"q": "mouse"}, headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "Traceback" not in page.text + answer.text
    assert (await http.get("/healthz")).status_code == 200
    assert (await http.get("/readyz")).status_code == 503


async def found(http: httpx.AsyncClient) -> None:
    """The document is found; after an outage by itself, without a restart of the API."""
    until = time.monotonic() + 30
    while (answer := await http.get("/v1/search", params={"q": "mouse"})).status_code != 200:
        assert time.monotonic() < until, "searches did not come back"
        await asyncio.sleep(0.3)
    assert [hit["id"] for hit in answer.json()["hits"]] == ["m1"]


def test_it_is_stopped(own: Settings) -> None:
    state = node.read_state(own)
    assert state is not None
    said: list[str] = []
    assert node.stop(own, said.append) is True
    assert not psutil.pid_exists(state.pid)
    assert node.stop(own, said.append) is False


def test_an_engine_that_dies_at_start_shows_why_and_leaves_nothing(own: Settings) -> None:
    with pytest.raises(EngineStartError, match="died at start") as raised:
        node.start(own, heap="2m", say=lambda _: None)
    assert "OutOfMemoryError" in raised.value.remedy or "heap" in raised.value.remedy.lower()
    assert node.read_state(own) is None


def test_a_port_in_use_is_refused_before_anything_is_made(own: Settings, tmp_path: Path) -> None:
    elsewhere = own.model_copy(update={"state_dir": tmp_path / "other"})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(EngineStartError, match="is in use") as raised:
            node.start(elsewhere, port=taken.getsockname()[1], say=lambda _: None)
    assert "SOUK_ENGINE_PORT" in raised.value.remedy
    assert not (tmp_path / "other" / "engine").exists()


async def test_capabilities_of_the_maven_assembly(client: OpenSearch, settings: Settings) -> None:
    found = read_capabilities(client)
    assert found.knn
    assert not found.faiss
    assert "opensearch-knn" in found.plugins
    async with connect_async(settings) as other:
        assert await read_capabilities_async(other) == found


def test_status_counts_documents_and_vectors(client: OpenSearch, settings: Settings) -> None:
    mine = settings.model_copy(update={"index_prefix": "status-test"})
    assert read_status(client, mine).indexes == ()
    index, alias = "status-test-products-000001", mine.alias("product")
    vector = {"type": "knn_vector", "dimension": 2, "method": {"name": "hnsw", "engine": "lucene"}}
    mappings = {"_meta": {"embedding": {"name": "tiny"}}, "properties": {"text_vector": vector}}
    client.indices.create(
        index=index, body={"settings": {"index.knn": True}, "mappings": mappings, "aliases": {alias: {}}}
    )
    try:
        client.index(index=alias, body={"text_vector": [0.5, 1.0]})
        client.index(index=alias, body={"title": "no vector"}, params={"refresh": "true"})
        (found,) = read_status(client, mine).indexes
    finally:
        client.indices.delete(index=index)
    assert (found.alias, found.index, found.documents, found.vectors, found.model) == (alias, index, 2, 1, "tiny")
    assert found.size_bytes > 0


def test_status_without_an_engine_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_OPENSEARCH_URL", f"http://127.0.0.1:{free_port()}")
    result = CliRunner().invoke(app, ["status"])
    assert isinstance(result.exception, EngineUnavailableError)
    assert "souk up" in str(result.exception)

"""The real local engine: started, reused, killed, stopped. One more node of its own, with a small heap."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from opensearchpy import OpenSearch
from typer.testing import CliRunner

from souk import app
from stack import node
from stack.capabilities import read_capabilities, read_capabilities_async
from stack.client import connect, connect_async
from stack.errors import EngineStartError, EngineUnavailableError
from stack.node.launch import free_port
from stack.settings import Settings
from stack.status import read_status

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def own(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a second engine: its own port and state folder, the shared distribution."""
    folder = tmp_path_factory.mktemp("node")
    for parent in (folder, *folder.parents):  # pytest's folders are closed (0700) to the user root starts it as
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    folder.chmod(0o755)
    second = settings.model_copy(
        update={
            "opensearch_url": None,
            "engine_port": free_port(),
            "engine_heap": "256m",
            "state_dir": folder / "state",
        }
    )
    yield second
    node.stop(second, print)


def test_start_reuse_kill_restart_stop(own: Settings) -> None:
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

    with connect(own) as client:
        client.index(index="kept", id="1", body={"a": 1}, params={"refresh": "true"})
    process.kill()
    process.wait(20)
    assert node.read_state(own) is None
    with connect(own) as client, pytest.raises(EngineUnavailableError, match="souk up"):
        read_capabilities(client)

    again = node.start(own, say=said.append)
    assert any(f"pid {state.pid} is gone" in line for line in said)
    assert json.load(urllib.request.urlopen(f"{again.url}/kept/_doc/1"))["_source"] == {"a": 1}

    assert node.stop(own, said.append) is True
    assert not psutil.pid_exists(again.pid)
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

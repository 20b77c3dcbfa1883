"""Three nodes of our own: the cluster manager is killed under searches and ingestion, and nobody loses anything."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
import psutil
import pytest
from opensearchpy import OpenSearch
from running import app_client, mappings_of_documents, run_souk, short_lived_engines

from stack import node
from stack.apply import apply, plan
from stack.capabilities import read_capabilities
from stack.client import connect, engine_url, engine_urls
from stack.documents import Product, index_body
from stack.embedding import Encoder
from stack.errors import EngineStartError
from stack.node.config import node_name
from stack.node.launch import free_port
from stack.node.state import load_nodes
from stack.settings import Settings
from stack.status import read_status

pytestmark = pytest.mark.engine
NEEDED_GB, NODES, PRODUCTS = 6, 3, 200


@pytest.fixture(scope="module")
def three(run_settings: Settings, encoder: Encoder) -> Iterator[Settings]:
    """A cluster with empty indexes, each shard twice."""
    if psutil.virtual_memory().available < NEEDED_GB * 10**9:
        pytest.skip(f"three nodes need {NEEDED_GB} GB of free memory")
    folder = Path(tempfile.mkdtemp(prefix="souk-three-"))
    folder.chmod(0o755)  # under root the engine runs as another user
    changes = {"opensearch_url": None, "engine_port": free_port(), "engine_heap": "384m", "state_dir": folder / "state"}
    changes |= {"mappings_dir": mappings_of_documents(folder)}
    # Under the load of a whole test run three nodes share two cores: what is tested is that searches come, not when.
    settings = run_settings.model_copy(update=changes | {"shards": 2, "replicas": 1, "deadline_ms": 8000})
    with short_lived_engines():
        try:
            node.start(settings, nodes=NODES, say=print)
            with connect(settings) as client:
                apply(client, plan(client, settings, encoder.card, read_capabilities(client)))
                client.cluster.health(params={"wait_for_status": "green"})
            yield settings
        finally:
            node.stop(settings, print)
            shutil.rmtree(folder, ignore_errors=True)


def write_products(file: Path, first: int, last: int) -> None:
    products = (
        {"id": f"m{number}", "title": f"Wireless mouse {number}", "updated_at": "2026-01-01T00:00:00Z"}
        for number in range(first, last)
    )
    file.write_bytes(b"\n".join(map(orjson.dumps, products)))


def manager_of(client: OpenSearch) -> str:
    return str(client.cat.cluster_manager(params={"format": "json"})[0]["node"])


async def answered(client: httpx.AsyncClient) -> int:
    """Search until it is answered; how many tries that took."""
    for tries in (1, 2):
        answer = await client.get("/v1/search", params={"q": "mouse"})
        if answer.status_code == 200 and answer.json()["hits"]:
            return tries
    raise AssertionError(f"a search failed after one retry: {answer.status_code} {answer.text}")


async def test_the_cluster_manager_is_killed(three: Settings, encoder: Encoder, tmp_path: Path) -> None:
    named = three.model_copy(update={"opensearch_url": engine_url(three)})
    assert len(engine_urls(named)) == NODES
    write_products(tmp_path / "more.jsonl", 1, PRODUCTS)

    with connect(three) as engine:
        first = Product(id="m0", title="Wireless mouse 0", updated_at=datetime(2026, 1, 1, tzinfo=UTC))
        engine.index(index=three.alias("product"), body=index_body(first), id="m0", params={"refresh": "true"})
        chief = manager_of(engine)
        doomed = next(state for state in load_nodes(three) if node_name(state.number) == chief)
        async with app_client(named, encoder) as client:
            await answered(client)
            arguments = ("ingest", "products", str(tmp_path / "more.jsonl"), "--batch", "10")
            writing = asyncio.create_task(asyncio.to_thread(run_souk, named, *arguments))
            await asyncio.sleep(1)
            psutil.Process(doomed.pid).kill()
            searches = 0
            while not writing.done() or searches < 20:
                await answered(client)
                searches += 1
            await writing  # it ended well: all of it is acknowledged

        assert manager_of(engine) != chief
        members = {member.name: member for member in read_status(engine, three).members}
        assert not members[chief].answers
        assert members[chief].pid is None
        assert engine.count(index=three.alias("product"))["count"] == PRODUCTS

        assert node.start(three, say=print).number == 1  # `souk up` starts the one that died, on its own data
        status = read_status(engine, three)
        assert [member.answers for member in status.members] == [True] * NODES
        assert {state.url for state in load_nodes(three)} == set(engine_urls(named))

        with pytest.raises(EngineStartError, match="spread over 3 nodes"):
            node.start(three, nodes=1, say=print)

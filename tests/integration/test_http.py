"""The HTTP layer over the real core and the real engine, and the commands `souk serve` and `souk search`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
import running
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk

from stack.client import connect
from stack.documents import Document, Live, Product, Video, index_body
from stack.embedding import Encoder
from stack.embedding.text import document_text
from stack.node.launch import free_port
from stack.settings import Settings

pytestmark = pytest.mark.engine
NOW = datetime(2025, 6, 1, tzinfo=UTC)
DOCUMENTS: list[Document] = [
    Product(id="m1", title="Logi M185 wireless mouse", brand="Logi", category=("Electronics", "Mice"), price=14.9,
            currency="EUR", stock=4, attributes={"colour": "Grey"}, updated_at=NOW),
    Product(id="m2", title="Silent travel mouse, wireless", brand="HP", category=("Electronics", "Mice"), price=19.5,
            currency="EUR", stock=0, updated_at=NOW),
    Product(id="m3", title="Ergonomic <b>vertical</b> mouse", brand="HP", category=("Electronics", "Mice"), price=39,
            currency="EUR", stock=12, updated_at=NOW),
    Product(id="c1", title="Stoneware coffee set", brand="Kiln", category=("Home", "Kitchen"), price=42,
            currency="EUR", stock=9, updated_at=NOW),
    Video(id="v1", title="Five wireless mice tested", creator_name="Tiny Tech", duration_s=65, views=1200,
          updated_at=NOW),
    Live(id="l1", title="Desk setup: mouse and keyboard", status="live", host_name="Nora", viewers=12, updated_at=NOW),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings], encoder: Encoder) -> Settings:
    """Indexes with the documents above."""
    settings = make_indexes("http")
    vectors = encoder.encode_documents([document_text(document) for document in DOCUMENTS])
    actions = [
        {
            "_index": settings.alias(document.kind),
            "_id": document.id,
            **index_body(document),
            "text_vector": vector.tolist(),
        }
        for document, vector in zip(DOCUMENTS, vectors, strict=True)
    ]
    with connect(settings) as client:
        bulk(client, actions, refresh=True)
    return settings


@pytest.fixture(scope="module")
async def http(shop: Settings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    async with running.app_client(shop, encoder) as client:
        yield client


async def test_get_and_post_find_the_same(http: httpx.AsyncClient) -> None:
    body = {"q": "wireless mouse", "filters": {"price": {"lte": 20}, "in_stock": True}, "facets": ["brand"]}
    posted = await http.post("/v1/search", json=body)
    got = await http.get("/v1/search?q=wireless+mouse&filter.price=..20&filter.in_stock=true&facets=brand")
    assert posted.status_code == got.status_code == 200
    assert [hit["id"] for hit in got.json()["hits"]] == [hit["id"] for hit in posted.json()["hits"]] == ["m1"]
    assert got.json()["hits"][0]["highlights"]["title"] == ["Logi M185 <em>wireless</em> <em>mouse</em>"]
    assert got.json()["hits"][0]["document"]["price"] == 14.9


async def test_the_row_is_mixed_and_its_highlights_are_escaped(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/v1/search?q=mouse")).json()
    assert {hit["type"] for hit in answer["hits"]} == {"product", "video", "live"}
    vertical = next(hit for hit in answer["hits"] if hit["id"] == "m3")
    assert vertical["highlights"]["title"] == ["Ergonomic &lt;b&gt;vertical&lt;/b&gt; <em>mouse</em>"]
    assert next(hit for hit in answer["hits"] if hit["id"] == "l1")["document"]["status"] == "ended"  # no heartbeat


@pytest.mark.parametrize("name", ["attr.colour=Grey", "category=Electronics+%3E+Mice", "brand=Logi&filter.brand=HP"])
async def test_filters_of_each_type_narrow(http: httpx.AsyncClient, name: str) -> None:
    hits = (await http.get(f"/v1/search?q=mouse&filter.{name}")).json()["hits"]
    assert "m1" in {hit["id"] for hit in hits}
    assert {hit["type"] for hit in hits} == {"product"}
    assert "c1" not in {hit["id"] for hit in hits}


async def test_every_mistake_with_what_exists(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/search?sort=odd&filter.shade=1&facets=price&language=xx&page=0&colour=red")
    found = {mistake["where"]: mistake for mistake in answer.json()["mistakes"]}
    assert answer.status_code == 422
    assert found.keys() == {"colour", "page", "sort", "filter.shade", "facets.price", "language"}
    assert "brand" in found["filter.shade"]["allowed"]
    assert "price_asc" in found["sort"]["allowed"]


async def test_the_explained_requests_run_as_they_stand(http: httpx.AsyncClient, shop: Settings) -> None:
    answer = (await http.post("/v1/query", json={"q": "wireless mouse", "filters": {"brand": "HP"}})).json()
    assert answer["portable"]
    with connect(shop) as client:
        found = [_ids(client, request) for request in answer["portable"]]
    assert any("m2" in ids for ids in found)
    assert all(request["dev_tools"].split("\n")[1] == f"POST {request['path']}" for request in answer["native"])


def _ids(client: OpenSearch, request: dict[str, str]) -> set[str]:
    response = client.transport.perform_request(request["method"], request["path"], body=request["body"])
    return {hit["fields"]["id"][0] for hit in response["hits"]["hits"]}


async def test_items_readiness_and_the_page(http: httpx.AsyncClient) -> None:
    item = (await http.get("/v1/items/product/m1")).json()
    assert item["title"] == "Logi M185 wireless mouse"
    assert "text_vector" not in item
    assert (await http.get("/v1/items/product/none")).status_code == 404
    assert (await http.get("/readyz")).json()["status"] == "ready"
    page = await http.get("/search?q=mouse&filter.brand=HP&debug=1")
    assert page.status_code == 200
    assert "Remove filter" in page.text
    assert "_search" in page.text
    metrics = (await http.get("/metrics")).text
    assert 'souk_search_stage_seconds_count{stage="recall"}' in metrics


async def test_without_an_engine_every_answer_is_a_prompt_503(run_settings: Settings, encoder: Encoder) -> None:
    away = run_settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_port()}"})
    async with running.app_client(away, encoder) as http:
        assert (await http.get("/healthz")).status_code == 200
        for path in ("/v1/search?q=mouse", "/readyz", "/"):
            answer = await http.get(path)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.elapsed.total_seconds() < away.deadline_ms / 1000 + 1


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from souk import main; main()", *arguments]


@pytest.fixture
def environment(shop: Settings) -> dict[str, str]:
    return running.environment(shop)


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`souk serve` on a free port, and the address it printed."""
    process = subprocess.Popen(
        command("serve", "--port", str(free_port())), env=environment, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout
    line = process.stdout.readline()
    yield process, line.split()[3]
    process.kill()
    process.wait()


def test_serve_prints_where_it_is_and_stops_when_told(
    served: tuple[subprocess.Popen[str], str], environment: dict[str, str]
) -> None:
    process, address = served
    with urllib.request.urlopen(f"{address}/v1/search?q=mouse", timeout=10) as answer:
        assert json.load(answer)["hits"]
    port = address.rsplit(":", 1)[1]
    second = subprocess.run(
        command("serve", "--port", port), env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 2
    assert second.stderr.startswith(f"souk: port {port} of 127.0.0.1 is in use")
    assert len(second.stderr.splitlines()) == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=15) == 130


def test_search_in_the_terminal(environment: dict[str, str]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command("search", *arguments), env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    found = run("mouse", "--type", "product", "--filter", "in_stock=true", "--sort", "price_asc", "--json")
    assert [json.loads(line)["id"] for line in found.stdout.splitlines()][:2] == ["m1", "m3"]
    refused = run("mouse", "--filter", "shade=1", "--sort", "odd")
    assert refused.returncode == 2
    assert "filters.shade" in refused.stderr
    assert "price_asc" in refused.stderr


async def test_the_page_says_when_nothing_has_the_words(http: httpx.AsyncClient) -> None:
    found = (await http.get("/search", params={"q": "mouse"}, headers={"accept": "text/html"})).text
    assert "Results for" in found
    assert "Nothing has all of these words" not in found
    guessed = (await http.get("/search", params={"q": "rodent peripheral"}, headers={"accept": "text/html"})).text
    assert "Nearest to" in guessed
    assert "Nothing has all of these words" in guessed

"""`souk snapshot` on the real engine: what is restored answers as before, and what cannot be is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from catalogue import write
from opensearchpy import OpenSearch
from running import mappings_of_documents
from typer.testing import CliRunner

import souk
from stack.client import connect
from stack.embedding import Encoder
from stack.errors import ConfigError, EngineError, InputError, NotFoundError
from stack.indexes import REINDEX_NOTE
from stack.restore import restore
from stack.settings import Settings
from stack.snapshots import folder

pytestmark = pytest.mark.engine
Command = Callable[..., str]


@pytest.fixture(scope="module")
def shop(
    make_indexes: Callable[..., Settings],
    run_settings: Settings,
    encoder: Encoder,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """The small catalogue, on a cluster that may write snapshots."""
    with connect(run_settings) as client:
        nodes = client.nodes.info(metric="settings")["nodes"].values()
    allowed = [node["settings"].get("path", {}).get("repo") for node in nodes]
    if not all(allowed):
        pytest.skip("the cluster was started without path.repo")
    root = allowed[0][0] if isinstance(allowed[0], list) else allowed[0]
    mappings = mappings_of_documents(tmp_path_factory.mktemp("snapshot"))
    settings = make_indexes("snapshot", snapshot_dir=Path(root), mappings_dir=mappings)
    write(settings, encoder)
    return settings


@pytest.fixture(scope="module")
def engine(shop: Settings) -> Iterator[OpenSearch]:
    with connect(shop) as client:
        yield client
        client.snapshot.delete(repository=f"{shop.index_prefix}-snapshots", snapshot="*", ignore=[404])
        client.snapshot.delete_repository(repository=f"{shop.index_prefix}-snapshots", ignore=[404])


@pytest.fixture(scope="module")
def command(shop: Settings) -> Command:
    """Run a `souk snapshot` command; its output. What it raises is raised here."""

    def run(*arguments: str) -> str:
        env = {
            "SOUK_OPENSEARCH_URL": str(shop.opensearch_url),
            "SOUK_INDEX_PREFIX": shop.index_prefix,
            "SOUK_SNAPSHOT_DIR": str(shop.snapshots),
            "SOUK_MAPPINGS_DIR": str(shop.mappings_dir),
            "SOUK_STATE_DIR": str(shop.state_dir),
            "SOUK_CACHE_DIR": str(shop.cache_dir),
        }
        result = CliRunner().invoke(souk.app, ["snapshot", *arguments], env=env, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def answers(engine: OpenSearch, settings: Settings, encoder: Encoder) -> list[list[tuple[str, float]]]:
    """Ids and scores of some queries, by words and by vector, in each kind."""
    queries: list[dict[str, Any]] = [{"match": {"title": text}} for text in ("laptop", "socks", "kettle show")]
    vector = encoder.encode_query("warm socks").tolist()
    queries.append({"knn": {"text_vector": {"vector": vector, "k": 10}}})
    return [
        [
            (hit["_id"], hit["_score"])
            for hit in engine.search(index=settings.alias(kind), body={"query": query})["hits"]["hits"]
        ]
        for kind in ("product", "video", "live")
        for query in queries
    ]


def aliases(engine: OpenSearch, prefix: str) -> dict[str, Any]:
    return dict(engine.indices.get_alias(name=f"{prefix}-*"))


def test_deleted_and_restored_it_answers_as_before(
    engine: OpenSearch, shop: Settings, command: Command, encoder: Encoder
) -> None:
    before, pointed = answers(engine, shop, encoder), aliases(engine, shop.index_prefix)
    assert any(before)
    # As if a reindex had made it: where it came from is not there after a restore.
    name = f"{shop.alias('product')}-000001"
    meta = engine.indices.get_mapping(index=name)[name]["mappings"]["_meta"]
    note = {"from": f"{shop.alias('product')}-000000", "at": [1]}
    engine.indices.put_mapping(index=name, body={"_meta": meta | {REINDEX_NOTE: note}})
    assert "documents, in " in command("create", "first")
    (listed,) = json.loads(command("list", "--json"))
    assert (listed["name"], listed["state"]) == ("first", "SUCCESS")
    assert sorted(listed["indexes"]) == sorted(pointed)

    engine.indices.delete(index=",".join(pointed))
    assert aliases(engine, shop.index_prefix) == {}
    assert "in use" in command("restore", "first")
    assert engine.indices.get_mapping(index=name)[name]["mappings"]["_meta"] == meta
    assert aliases(engine, shop.index_prefix) == pointed
    assert answers(engine, shop, encoder) == before
    body = {"id": "new", "kind": "product", "title": "written after"}
    assert engine.index(index=shop.alias("product"), id="new", body=body, params={"require_alias": "true"})


def test_what_is_there_is_covered_only_when_told_so(
    engine: OpenSearch, shop: Settings, command: Command, encoder: Encoder
) -> None:
    before = answers(engine, shop, encoder)
    with pytest.raises(ConfigError, match="--replace"):
        command("restore", "first")
    products = shop.alias("product")
    engine.delete_by_query(index=products, body={"query": {"match_all": {}}}, refresh=True)
    replaced = set(aliases(engine, shop.index_prefix))
    said = command("restore", "first", "--replace", "--yes")
    assert f"{products}-000001 is deleted" in said
    pointed = aliases(engine, shop.index_prefix)
    assert not replaced & set(pointed)
    assert pointed[f"{products}-000002"] == {"aliases": {products: {"is_write_index": True}}}
    assert answers(engine, shop, encoder) == before


def test_a_copy_under_another_prefix(engine: OpenSearch, shop: Settings, command: Command, encoder: Encoder) -> None:
    copy = shop.model_copy(update={"index_prefix": f"{shop.index_prefix}-copy"})
    try:
        command("restore", "first", "--to-prefix", copy.index_prefix)
        assert answers(engine, copy, encoder) == answers(engine, shop, encoder)
        name = f"{copy.alias('product')}-000001"
        index = engine.indices.get_settings(index=name)[name]["settings"]["index"]
        assert index["final_pipeline"] == f"{copy.index_prefix}-stamp"
        body = {"id": "new", "kind": "product", "title": "written to the copy"}
        engine.index(index=copy.alias("product"), id="new", body=body, params={"require_alias": "true"})
    finally:
        engine.indices.delete(index=f"{copy.index_prefix}-*")
        engine.indices.delete_index_template(name=f"{copy.index_prefix}-*", ignore=[404])
        engine.cluster.delete_component_template(name=f"{copy.index_prefix}-*", ignore=[404])
        engine.ingest.delete_pipeline(id=f"{copy.index_prefix}-*", ignore=[404])


def test_one_that_is_stopped_leaves_nothing(
    engine: OpenSearch, shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stack.restore.POLL_S", 0)
    prefix = f"{shop.index_prefix}-stopped"
    with pytest.raises(KeyboardInterrupt):
        restore(engine, shop, "first", prefix, False, stop)
    assert engine.indices.get(index=f"{prefix}-*") == {}


def test_names_that_cannot_be(command: Command) -> None:
    with pytest.raises(NotFoundError, match="There is: first"):
        command("restore", "nothing")
    with pytest.raises(NotFoundError, match="no snapshot nothing"):
        command("delete", "nothing", "--yes")
    with pytest.raises(InputError, match="already exists"):
        command("create", "first")
    with pytest.raises(InputError, match="lowercase"):
        command("create", "First")


def test_damaged_files_are_named_and_leave_all_as_it_was(
    engine: OpenSearch, shop: Settings, command: Command, encoder: Encoder
) -> None:
    command("create", "second")
    before, pointed = answers(engine, shop, encoder), aliases(engine, shop.index_prefix)
    root = Path(folder(shop))
    for file in root.rglob("__*"):
        spoil(file)
    with pytest.raises(EngineError, match=r"could not be restored.*checksum"):
        command("restore", "second", "--replace", "--yes")
    assert aliases(engine, shop.index_prefix) == pointed
    assert answers(engine, shop, encoder) == before
    known = {each["snapshot"]: each["uuid"] for each in _details(engine, shop)}
    (root / f"snap-{known['first']}.dat").write_bytes(b"nothing")
    states = {each["name"]: each["state"] for each in json.loads(command("list", "--json"))}
    assert states == {"first": "UNREADABLE", "second": "SUCCESS"}
    with pytest.raises(ConfigError, match="damaged"):
        command("restore", "first")
    assert "is deleted" in command("delete", "second", "--yes")


def spoil(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def _details(engine: OpenSearch, settings: Settings) -> list[dict[str, Any]]:
    answer = engine.snapshot.get(repository=f"{settings.index_prefix}-snapshots", snapshot="_all")
    return list(answer["snapshots"])


def test_a_folder_that_the_nodes_may_not_write_to(shop: Settings, tmp_path: Path) -> None:
    env = {
        "SOUK_OPENSEARCH_URL": str(shop.opensearch_url),
        "SOUK_INDEX_PREFIX": f"{shop.index_prefix}-other",
        "SOUK_SNAPSHOT_DIR": str(tmp_path),
    }
    result = CliRunner().invoke(souk.app, ["snapshot", "list"], env=env)
    assert isinstance(result.exception, ConfigError)
    assert "path.repo" in result.exception.remedy

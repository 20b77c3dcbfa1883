"""`souk reindex` on the real engine: no failed search, no lost write, and nothing half-built in use."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from opensearchpy import NotFoundError, OpenSearch
from opensearchpy.helpers import bulk
from running import app_client, environment
from traffic import Ingestion, Searches, held_versions, lost, product
from typer.testing import CliRunner, Result

import souk
from ingest.enrich import Enricher
from ingest.patience import Patience
from ingest.record import Batch, Item, Record
from ingest.reindex.carry import Carrier
from ingest.reindex.copy import Copier
from ingest.reindex.deletes import sweep
from ingest.reindex.hold import switch
from ingest.reindex.move import Move, State
from ingest.reindex.shards import Shards
from ingest.reindex.target import create
from ingest.write import Writer
from stack.apply import apply, plan, template_changes
from stack.capabilities import read_capabilities
from stack.client import connect
from stack.documents import KINDS, index_body
from stack.embedding import Encoder
from stack.embedding.encoder import read_card
from stack.embedding.stored import WITH_VECTOR
from stack.embedding.vectors import VectorCache
from stack.errors import SoukError
from stack.indexes import read_index
from stack.locks import held
from stack.settings import ROOT, Settings

pytestmark = pytest.mark.engine
FIRST = 800
VECTORS = 40
OLD = 1_000_000_000_000


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings], encoder: Encoder) -> Settings:
    """Lamps, desks and chairs, the first of them with vectors, on two shards."""
    settings = make_indexes("reindex", shards=2)
    fill(settings, encoder)
    return settings


def fill(settings: Settings, encoder: Encoder) -> None:
    items = []
    for number in range(FIRST):
        document = product(number, OLD)
        items.append(Item(document, index_body(document), OLD, False, Record(1, number + 1, {}), "", (0, number)))
    cache = VectorCache(settings.cache_dir / "vectors", encoder.card)
    Enricher(encoder, cache, Event())(Batch(0, items[:VECTORS]))
    cache.close()
    with connect(settings) as client:
        Writer(client, settings.alias("product"), Patience(60, Event()))(Batch(0, items))
        client.indices.refresh(index=settings.alias("product"))


@pytest.fixture(scope="module")
def engine(shop: Settings) -> Iterator[OpenSearch]:
    with connect(shop) as client:
        yield client


@pytest.fixture
def changed(shop: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """The same shop with other files under `mappings/`: `changed(path=(what, by what))`."""

    def change(**changes: tuple[str, str]) -> Settings:
        folder = Path(shutil.copytree(ROOT / "mappings", tmp_path / "mappings", dirs_exist_ok=True))
        for name, (old, new) in changes.items():
            file = folder / name.replace("__", "/").replace("_yml", ".yml").replace("_txt", ".txt")
            text = file.read_text(encoding="utf-8")
            assert old in text
            file.write_text(text.replace(old, new), encoding="utf-8")
        return shop.model_copy(update={"mappings_dir": folder})

    return change


def command(settings: Settings, *arguments: str) -> tuple[list[str], dict[str, str]]:
    mine = {"SOUK_MAPPINGS_DIR": str(settings.mappings_dir), "SOUK_SHARDS": str(settings.shards)}
    mine |= {"SOUK_MODEL_MAX_TOKENS": str(settings.model_max_tokens)}
    return [sys.executable, "-m", "souk", "reindex", *arguments], environment(settings) | mine


async def reindex(settings: Settings, *arguments: str) -> list[dict[str, Any]]:
    """Run the command beside what else goes on; its `--json`."""
    words, env = command(settings, *arguments, "--json")
    process = await asyncio.create_subprocess_exec(*words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return list(json.loads(out))


def here(settings: Settings, *arguments: str) -> Result:
    """The command in this process, which has loaded everything already."""
    return CliRunner().invoke(souk.app, ["reindex", *arguments], env=command(settings)[1])


def done(settings: Settings, *arguments: str) -> str:
    """What a command said that must do it."""
    result = here(settings, *arguments)
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


def refused(settings: Settings, *arguments: str) -> str:
    """The message of a command that must not do it."""
    result = here(settings, *arguments)
    assert isinstance(result.exception, SoukError), result.output
    return str(result.exception)


def current(engine: OpenSearch, settings: Settings) -> str:
    """The one index behind the alias."""
    (name,) = engine.indices.get_alias(name=settings.alias("product"))
    return str(name)


def vectors(engine: OpenSearch, index: str) -> dict[str, Any]:
    """Vector and sketches of each document that has them."""
    body = {
        "size": 2 * VECTORS,
        "_source": False,
        "query": {"exists": {"field": "text_vector"}},
        "docvalue_fields": ["text_sketch", "title_sketch"],
    } | WITH_VECTOR
    return {hit["_id"]: hit["fields"] for hit in engine.search(index=index, body=body)["hits"]["hits"]}


async def test_no_search_fails_and_no_write_is_lost(
    shop: Settings, engine: OpenSearch, encoder: Encoder, changed: Callable[..., Settings]
) -> None:
    """New synonyms, then back again, while shoppers search and a catalogue is written, changed and deleted from."""
    newer = changed(synonyms__en_txt=("sofa, couch\n", "sofa, couch\nlamp, zorblight\n"))
    before, texts = current(engine, shop), vectors(engine, current(engine, shop))
    assert len(texts) == VECTORS == len({str(fields["text_vector"]) for fields in texts.values()})
    ingestion = Ingestion(shop, FIRST, 12)
    # The vectors are of texts that do not change: those documents are left alone by the traffic.
    ingestion._numbers = range(VECTORS, FIRST)
    async with app_client(shop, encoder) as client, Searches(client) as searches:
        ingestion.start()
        (moved,) = await reindex(newer, "products")
        after = current(engine, shop)
        synonym = (await client.get("/v1/search", params={"q": "zorblight", "types": "product"})).json()
        await asyncio.sleep(0.5)
        (back,) = await reindex(shop, "products", "--rollback")
        await asyncio.sleep(0.5)
        ingestion.stop()
        assert searches.failed == []
        assert searches.answered > 20
    assert ingestion.failures == []
    assert (moved["source"], moved["target"]) == (before, after) != (after, before)
    assert (back["source"], back["target"]) == (after, before) == (after, current(engine, shop))
    assert synonym["hits"], "the new index knows the new word"
    assert moved["copied"] > FIRST
    assert moved["held_s"] < 20
    held = held_versions(engine, shop.alias("product"))
    assert len(ingestion.acknowledged) > 200
    assert lost(ingestion.acknowledged, held) == {}
    untouched = {f"p{number}" for number in range(FIRST)} - ingestion.acknowledged.keys()
    assert {id_: held.get(id_) for id_ in untouched} == dict.fromkeys(untouched, OLD)
    assert held.keys() == {id_ for id_, version in ingestion.acknowledged.items() if version} | untouched
    assert vectors(engine, after) == vectors(engine, before) == texts
    assert {change.action for change in _index_changes(engine, shop)} <= {"unchanged", "differs"}


def _index_changes(engine: OpenSearch, settings: Settings) -> list[Any]:
    changes = plan(engine, settings, read_card(settings), read_capabilities(engine))
    return [change for change in changes if change.path == f"/{current(engine, settings)}"]


def restore_templates(engine: OpenSearch, settings: Settings) -> None:
    apply(engine, template_changes(engine, settings, read_card(settings)))


def test_apply_names_the_way(shop: Settings, engine: OpenSearch, changed: Callable[..., Settings]) -> None:
    newer = changed(synonyms__en_txt=("sofa, couch\n", "sofa, couch, divan\n"))
    apply(engine, plan(engine, newer, read_card(newer), read_capabilities(engine)))
    (change,) = _index_changes(engine, newer)
    assert (change.action, change.note) == ("differs", "takes effect in a new index: souk reindex products")
    assert not any("reindex" in line for line in change.diff)
    restore_templates(engine, shop)


def test_a_killed_run_is_gone_on_with(shop: Settings, engine: OpenSearch, changed: Callable[..., Settings]) -> None:
    """Killed while it copies: the alias stays where it was, and the same command copies the rest."""
    slow = changed(reindex_yml=("page: 250", "page: 1"))
    before, held_before = current(engine, shop), held_versions(engine, shop.alias("product"))
    words, env = command(slow, "products")
    process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    state = _wait_for_copied(engine, shop, 20)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(20)
    assert current(engine, shop) == before
    assert "did not end" in " ".join(done(shop, "status").split())
    target = state["moves"][0]["target"]
    assert f"going on with {target}" in done(shop, "products")
    assert current(engine, shop) == target
    assert held_versions(engine, target) == held_before


def _wait_for_copied(engine: OpenSearch, settings: Settings, documents: int) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = engine.get(index=f"{settings.index_prefix}-locks", id="reindex", ignore=[404])
        state: dict[str, Any] = found.get("_source", {}).get("state") or {}
        if state and not state["switching"] and sum(max(after, 0) for after in state["moves"][0]["after"]) >= documents:
            return state
        time.sleep(0.05)
    raise AssertionError("nothing was copied within 60 s")


def test_a_second_one_is_refused_with_who_and_when(shop: Settings, engine: OpenSearch) -> None:
    before = current(engine, shop)
    with held(engine, shop.index_prefix, "reindex"):
        message = refused(shop, "products")
    assert f"pid {os.getpid()}, since 20" in message
    assert "taken for dead" in message
    assert current(engine, shop) == before


def test_a_dead_owner_is_passed_over_and_one_who_was_only_slow_finds_out(shop: Settings, engine: OpenSearch) -> None:
    index = f"{shop.index_prefix}-locks"
    with held(engine, shop.index_prefix, "reindex") as slow:
        known = engine.get(index=index, id="reindex")["_source"]
        engine.index(
            index=index, id="reindex", body=known | {"host": "elsewhere", "heartbeat_at": "2026-01-01T00:00:00Z"}
        )
        with held(engine, shop.index_prefix, "reindex"), pytest.raises(SoukError, match="took over"):
            slow.save({"still": "here"})


def test_one_killed_while_writes_were_held_is_cleared_away(shop: Settings, engine: OpenSearch) -> None:
    alias, name = shop.alias("product"), current(engine, shop)
    move = Move("product", alias, name, f"{alias}-000090", [-1, -1])
    create(engine, move)
    engine.transport.perform_request("PUT", f"/{name}/_block/write")
    with held(engine, shop.index_prefix, "reindex") as work:
        work.save(State("reindex", "any", [move], switching=True).as_json())
    done(shop, "products", "--abandon")
    assert not engine.indices.exists(index=move.target)
    engine.index(index=alias, id="p1", body=index_body(product(1, OLD + 1)), params={"require_alias": "true"})
    with pytest.raises(NotFoundError):
        switch(engine, [move])  # the killed one was only slow: its switch comes too late
    assert current(engine, shop) == name


def test_a_document_that_no_longer_fits_is_named(
    shop: Settings, engine: OpenSearch, changed: Callable[..., Settings]
) -> None:
    narrow = changed()
    file = narrow.mappings_dir / "components" / "common.json"
    common = json.loads(file.read_text())
    del common["template"]["mappings"]["properties"]["title_words"]
    file.write_text(json.dumps(common))
    before = current(engine, shop)
    known = set(engine.indices.get(index=f"{shop.alias('product')}-0*"))
    message = refused(narrow, "products")
    assert "does not take the document 'p" in message
    assert "title_words" in message
    assert current(engine, shop) == before
    assert set(engine.indices.get(index=f"{shop.alias('product')}-0*")) == known, "what was built is gone"
    restore_templates(engine, shop)


def test_another_model(make_indexes: Callable[..., Settings], encoder: Encoder) -> None:
    """All kinds together, each document embedded anew; one kind alone is refused."""
    settings = make_indexes("reindexmodel")
    other = settings.model_copy(update={"model_max_tokens": 128})
    kinds = ("products", "videos", "lives")
    with connect(settings) as engine:
        document = product(1, OLD)
        body = index_body(document) | {"text_vector": encoder.encode_documents([document.title])[0].tolist()}
        bulk(engine, [{"_index": settings.alias("product"), "_id": "p1", **body}], refresh=True)
        assert "souk reindex all" in refused(other, "products")
        done(other, *kinds)
        for kind in KINDS:
            assert read_index(engine, settings.alias(kind)).model == read_card(other)
        hit = engine.search(index=settings.alias("product"))["hits"]["hits"][0]["_source"]
        assert hit["vector_hash"].startswith(read_card(other).hash)
        assert len(vectors(engine, settings.alias("product"))) == 1
        assert "SOUK_MODEL" in refused(other, *kinds, "--rollback"), "the old vectors are of the model before"
        done(settings, *kinds, "--rollback")
        assert read_index(engine, settings.alias("product")).model == read_card(settings)


def test_a_writer_waits_while_writes_are_held(shop: Settings, engine: OpenSearch) -> None:
    name = current(engine, shop)
    document = product(FIRST + 5_000, OLD)
    batch = Batch(0, [Item(document, index_body(document), OLD, False, Record(1, 1, {}), "", (0, 1))])
    engine.transport.perform_request("PUT", f"/{name}/_block/write")
    writer = Writer(engine, shop.alias("product"), Patience(60, Event()))
    thread = Thread(target=writer, args=(batch,))
    thread.start()
    thread.join(1)
    assert thread.is_alive()
    engine.indices.put_settings(index=name, body={"index": {"blocks.write": None}})
    thread.join(30)
    assert batch.counts.written == 1


def test_what_was_deleted_meanwhile_is_found(shop: Settings, engine: OpenSearch) -> None:
    """Ids of a few parts only are compared; documents without the column `id` are found too."""
    left, right = f"{shop.index_prefix}-sweep-left", f"{shop.index_prefix}-sweep-right"
    for name in (left, right):
        mapping = {"properties": {"id": {"type": "keyword"}}}
        engine.indices.create(index=name, body={"mappings": mapping, "aliases": {f"{name}-next": {}}})
        rows: list[dict[str, Any]] = [{"_index": name, "_id": f"d{n}", "id": f"d{n}"} for n in range(300)]
        bulk(engine, [*rows, {"_index": name, "_id": "bare", "other": 1}], refresh=True)
    for gone in ("d7", "d8", "bare"):
        engine.delete(index=left, id=gone)
    patience = Patience(30, Event())
    source, target = Shards(engine, left, patience, 50), Shards(engine, right, patience, 50)
    assert sweep(source, target, f"{right}-next", 64) == 3
    assert held_versions(engine, left) == held_versions(engine, right)
    assert sweep(source, target, f"{right}-next", 64) == 0


def test_a_read_that_the_engine_lost_is_opened_again(shop: Settings, engine: OpenSearch) -> None:
    """It answers such a read with no documents and no error, which must not be taken for the end."""
    opened: list[str] = []

    class Watched(Shards):
        def _open(self, shard: int) -> str:
            opened.append(super()._open(shard))
            return opened[-1]

    index = Watched(engine, current(engine, shop), Patience(30, Event()), 50)
    index.refresh()
    found: list[str] = []
    for hits in index.pages(0, -1, {"_source": False}):
        found += [hit["_id"] for hit in hits]
        if len(opened) == 1:
            engine.transport.perform_request("DELETE", "/_search/point_in_time", body={"pit_id": [opened[0]]})
    assert len(opened) == 2
    whole = engine.count(index=index.index, params={"preference": "_shards:0"})["count"]
    assert len(found) == len(set(found)) == whole


def test_a_document_that_came_back_older_is_followed(shop: Settings, engine: OpenSearch, encoder: Encoder) -> None:
    """Deleted, forgotten and sent again with an older version: the newer copy in the target gives way."""
    left, right = f"{shop.index_prefix}-back-left", f"{shop.index_prefix}-back-right"
    for name in (left, right):
        settings = {"gc_deletes": "0s", "number_of_shards": 1}
        mapping = {"properties": {"id": {"type": "keyword"}}}
        engine.indices.create(
            index=name, body={"settings": settings, "mappings": mapping, "aliases": {f"{name}-next": {}}}
        )
    place = {"version": 5, "version_type": "external_gte"}
    engine.index(index=left, id="a", body={"id": "a"}, params=place | {"version": 3})
    engine.index(index=right, id="a", body={"id": "a", "as": "it was"}, params=place)
    shards = Shards(engine, left, Patience(30, Event()), 50)
    shards.refresh()
    carrier = Carrier("product", {}, {}, encoder.card, True, lambda: pytest.fail("there is nothing to embed"))
    Copier(shards, f"{right}-next", carrier, 1)([-1], lambda *_: None)
    copied = engine.get(index=right, id="a")
    assert (copied["_version"], copied["_source"]) == (3, {"id": "a"})

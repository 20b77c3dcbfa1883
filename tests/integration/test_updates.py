"""Partial records, tombstones and full sources on the real engine: what is written, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import pytest
from opensearchpy import OpenSearch

from ingest.command import dry_run_command, ingest_command
from ingest.options import Options
from ingest.patience import Patience
from ingest.record import Batch, Deletion, Record
from ingest.tombstones import Tombstones
from ingest.write import Writer
from stack.client import connect
from stack.documents import DocumentKind
from stack.embedding.stored import WITH_VECTOR, vector_of
from stack.errors import InputError, NotFoundError
from stack.settings import Settings
from stack.signals import DELETED_AT, update_lines

pytestmark = pytest.mark.engine
DAY = "2026-05-0{}T00:00:00Z"


class Shop:
    """Indexes of its own, and `souk ingest` into them without a process around it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.client: OpenSearch = connect(settings)
        self.folder = folder

    def file(self, *rows: dict[str, Any], name: str = "shop.jsonl") -> str:
        path = self.folder / name
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return str(path)

    def ingest(self, *rows: dict[str, Any], kind: DocumentKind = "product", **options: Any) -> int:
        return ingest_command(Options(kind, (self.file(*rows),), **options), self.settings)

    def get(self, id: str, kind: str = "product") -> dict[str, Any] | None:
        found = self.client.get(index=self.settings.alias(kind), id=id, ignore=[404])
        return found if found.get("found") else None

    def signal(self, id: str, kind: str = "product") -> dict[str, Any]:
        return dict(self.client.get(index=self.settings.alias("signal"), id=f"{kind}:{id}")["_source"])

    def vector(self, id: str) -> list[float]:
        body = {"query": {"ids": {"values": [id]}}, "docvalue_fields": ["title_sketch"]} | WITH_VECTOR
        hit = self.client.search(index=self.settings.alias("product"), body=body)["hits"]["hits"][0]
        assert hit["fields"]["title_sketch"]
        vector = vector_of(hit)
        assert vector is not None
        return vector

    def ids(self) -> set[str]:
        body = {"size": 100, "query": {"match_all": {}}}
        return {
            hit["_id"] for hit in self.client.search(index=self.settings.alias("product"), body=body)["hits"]["hits"]
        }


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("updates")
    return Shop(make_indexes("updates", state_dir=folder / "state"), folder)


@pytest.fixture(scope="module")
def spare(make_indexes: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A second one, whose whole content is known, and which may be damaged at last."""
    folder = tmp_path_factory.mktemp("spare")
    return Shop(make_indexes("full", state_dir=folder / "state"), folder)


def summary(text: str) -> dict[str, Any]:
    lines = [orjson.loads(line) for line in text.splitlines() if line.startswith("{")]
    return next(line for line in reversed(lines) if line["event"] == "summary")


def test_fast_fields_rewrite_no_document(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    lamp = {"id": "fast", "title": "Lamp", "price": 10, "currency": "EUR", "stock": 5, "updated_at": DAY.format(1)}
    assert shop.ingest(lamp, embed=False) == 0
    before = shop.get("fast")
    capfd.readouterr()
    changes = (
        {"id": "fast", "price": 9.5, "updated_at": DAY.format(3)},
        {"id": "fast", "stock": 0, "updated_at": DAY.format(2)},
        {"id": "fast", "price": 12, "updated_at": DAY.format(2)},  # older than the first
        {"id": "nobody", "price": 1, "updated_at": DAY.format(2)},
    )
    assert shop.ingest(*changes, update=True) == 1
    done = summary(capfd.readouterr().err)
    assert (done["written"], done["stale"], done["refused"], done["vectors_computed"]) == (2, 1, 1, 0)
    assert "no such product in the index" in next(iter(done["reasons"]))
    assert b"nobody" in Path(done["dead_letters"]).read_bytes()
    assert shop.get("fast") == before
    signal = shop.signal("fast")
    assert (signal["price"], signal["stock"], signal["in_stock"]) == (9.5, 0, False)
    assert shop.ingest(*changes, update=True) == 1
    done = summary(capfd.readouterr().err)
    assert (done["written"], done["unchanged"], done["stale"]) == (0, 2, 1)


def test_slow_fields_are_merged_and_the_vector_stays(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": id, "title": f"Lamp {id}", "stock": 5, "updated_at": DAY.format(1)} for id in ("slow", "new")]
    assert shop.ingest(*rows) == 0
    vectors = {id: shop.vector(id) for id in ("slow", "new")}
    capfd.readouterr()
    changes = (
        {"id": "slow", "stock": 3, "updated_at": DAY.format(2)},
        {"id": "slow", "rating": 4.5, "updated_at": DAY.format(3)},
        {"id": "slow", "rating_count": 7, "updated_at": DAY.format(4)},
        {"id": "new", "title": "Torch", "updated_at": DAY.format(3)},
        {"id": "new", "brand": "Acme", "updated_at": DAY.format(2)},
    )
    assert shop.ingest(*changes, update=True) == 0
    done = summary(capfd.readouterr().err)
    assert (done["written"], done["superseded"], done["stale"]) == (3, 1, 1)
    assert done["vectors_computed"] + done["vectors_cached"] == 1
    slow, new = shop.get("slow"), shop.get("new")
    assert slow is not None
    assert new is not None
    assert (slow["_source"]["rating"], slow["_source"]["rating_count"], slow["_source"]["stock"]) == (4.5, 7, 3)
    assert new["_source"]["title"] == "Torch"
    assert shop.vector("slow") == vectors["slow"]
    assert shop.vector("new") != vectors["new"]
    assert slow["_source"]["vector_hash"] == new["_source"]["vector_hash"]


def test_many_at_once_keep_each_its_own_vector(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    """Also without a model, and when they were written a moment ago, so that no search sees them yet."""
    titles = ("Garden hose", "Red socks", "Steel kettle", "Chess board", "Tent")
    rows = [{"id": f"v{n}", "title": title, "updated_at": DAY.format(1)} for n, title in enumerate(titles)]
    assert shop.ingest(*rows) == 0
    vectors = [shop.vector(row["id"]) for row in rows]
    assert len({str(vector) for vector in vectors}) == len(rows)
    bodies = [{"id": row["id"], "rating": 4, "updated_at": DAY.format(2)} for row in rows]
    assert shop.ingest(*bodies, update=True) == 0
    assert [shop.vector(row["id"]) for row in rows] == vectors
    capfd.readouterr()
    again = [body | {"rating": 3 + n % 2, "updated_at": DAY.format(3 + n % 2)} for n in range(2) for body in bodies]
    assert shop.ingest(*again, update=True, embed=False, batch=5, workers=1) == 0
    assert summary(capfd.readouterr().err)["written"] == 10
    assert [shop.vector(row["id"]) for row in rows] == vectors
    assert {row["id"]: shop.get(row["id"])["_source"]["rating"] for row in rows} == {  # type: ignore[index]
        row["id"]: 4 for row in rows
    }


def fold(shop: Shop) -> str:
    """What `souk signals fold` says."""
    from typer.testing import CliRunner

    from souk import app

    env = {"SOUK_OPENSEARCH_URL": str(shop.settings.opensearch_url), "SOUK_INDEX_PREFIX": shop.settings.index_prefix}
    env |= {"SOUK_CACHE_DIR": str(shop.settings.cache_dir), "SOUK_STATE_DIR": str(shop.settings.state_dir)}
    done = CliRunner().invoke(app, ["signals", "fold", "--older-than", "0s"], env=env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_signal_that_fits_no_document_stays(shop: Shop) -> None:
    """And a tombstone of half a year ago, which mappings/lifecycle.yml keeps for longer."""
    rows = [{"id": id, "title": f"Bench {id}", "updated_at": DAY.format(1)} for id in ("unfit", "buried")]
    assert shop.ingest(*rows, embed=False) == 0
    stored = shop.get("unfit")
    assert stored is not None
    place = {"version": stored["_version"], "version_type": "external_gte"}
    odd = stored["_source"] | {"rating": 9}  # as an older release may have stored it
    shop.client.index(index=shop.settings.alias("product"), id="unfit", body=odd, params=place)
    assert shop.ingest({"id": "unfit", "price": 3, "updated_at": DAY.format(2)}, update=True) == 0
    assert shop.ingest({"id": "buried", "deleted": True, "updated_at": DAY.format(2)}, embed=False) == 0
    said = fold(shop)
    assert "1 would not be valid with their signals: rating" in said
    assert shop.signal("unfit")["price"] == 3
    assert "deleted_at" in shop.signal("buried")
    shop.client.delete(index=shop.settings.alias("product"), id="unfit")
    shop.client.delete(index=shop.settings.alias("signal"), id="product:unfit")


def test_signals_at_rest_are_folded_into_documents(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    ids = ("fold", "folded")
    rows = [{"id": id, "title": f"Chair, {id}", "price": 10, "updated_at": DAY.format(1)} for id in ids]
    assert shop.ingest(*rows) == 0
    vectors = [shop.vector(id) for id in ids]
    assert vectors[0] != vectors[1]
    assert shop.ingest(*({"id": id, "price": 7, "updated_at": DAY.format(2)} for id in ids), update=True) == 0
    fold(shop)
    for id in ids:
        found = shop.get(id)
        assert found is not None
        assert found["_source"]["price"] == 7
        assert not shop.client.exists(index=shop.settings.alias("signal"), id=f"product:{id}")
    assert [shop.vector(id) for id in ids] == vectors


def test_nothing_older_brings_a_deleted_document_back(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    row = {"id": "dead", "title": "Lamp", "updated_at": DAY.format(1)}
    gone = {"id": "dead", "deleted": True, "updated_at": DAY.format(3)}
    assert shop.ingest(row, embed=False) == 0
    assert shop.ingest({**gone, "updated_at": "2026-04-01T00:00:00Z"}, embed=False) == 0
    assert shop.get("dead") is not None  # the document is newer
    assert shop.ingest(gone, {**gone, "id": "never-there"}, embed=False) == 0
    assert shop.get("dead") is None
    # The engine forgets after index.gc_deletes: as if that had passed.
    alias = shop.settings.alias("product")
    shop.client.indices.put_settings(index=alias, body={"index.gc_deletes": "0s"})
    shop.client.indices.refresh(index=alias)
    capfd.readouterr()
    late = ({**row, "updated_at": DAY.format(2)}, {**row, "id": "never-there"})
    assert shop.ingest(*late, embed=False) == 0
    assert summary(capfd.readouterr().err)["stale"] == 2
    assert (shop.get("dead"), shop.get("never-there")) == (None, None)
    assert shop.ingest({"id": "dead", "price": 1, "updated_at": DAY.format(4)}, update=True) == 1
    assert shop.ingest({**row, "updated_at": DAY.format(4)}, embed=False) == 0
    assert shop.get("dead") is not None  # newer than the tombstone
    shop.client.indices.put_settings(index=alias, body={"index.gc_deletes": None})


def test_a_tombstone_for_what_came_meanwhile_counts_once(shop: Shop) -> None:
    assert shop.ingest({"id": "meanwhile", "title": "Lamp", "updated_at": DAY.format(5)}, embed=False) == 0
    batch = Batch(0, deletions=[Deletion("meanwhile", 7, False, Record(1, 1, {}), "", (0, 1), is_stored=False)])
    signals = shop.settings.alias("signal")
    Writer(shop.client, shop.settings.alias("product"), Patience(30, Event()), signals=signals)(batch)
    assert (batch.counts.stale, batch.counts.deleted) == (0, 0)  # compared, it was counted as unchanged
    assert shop.get("meanwhile") is not None


def test_the_first_tombstone_of_others_is_seen_in_time(shop: Shop) -> None:
    """A run asks for tombstones only once there are some; the engine remembers a delete for a minute."""
    now = [0.0]
    alias = shop.settings.alias("signal")
    stones = Tombstones(shop.client, alias, "creator", Patience(30, Event()), monotonic=lambda: now[0])
    assert stones.of(["c"]) == {}
    lines = update_lines(alias, "creator", "c", {DELETED_AT: 7}, 7)
    assert not shop.client.bulk(body=lines, params={"refresh": "true"})["errors"]
    now[0] = 21.0
    assert stones.of(["c", "d"]) == {"c": 7}


def test_a_shard_that_cannot_say_is_not_taken_for_nothing_there(shop: Shop) -> None:
    with pytest.raises(NotFoundError, match="there is no index"):
        Patience(1, Event()).documents(shop.client, [{"_index": f"{shop.settings.index_prefix}-gone", "_id": "a"}])


def test_what_a_full_source_does_not_have_goes(spare: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    shop = spare
    rows = [{"id": f"p{number}", "title": "Lamp", "updated_at": DAY.format(1)} for number in range(20)]
    assert shop.ingest(*rows, embed=False) == 0
    full: dict[str, Any] = {"embed": False, "delete_missing": True}
    with pytest.raises(InputError, match=r"2 of 20 products \(10.0%\) are not in the source, more than 5%"):
        shop.ingest(*rows[2:], **full)
    assert summary(capfd.readouterr().err)["unchanged"] == 18
    assert len(shop.ids()) == 20
    options = Options("product", (str(shop.folder / "shop.jsonl"),), max_delete=10.0, delete_missing=True)
    assert dry_run_command(options, lambda: shop.settings) == 0
    assert "2 of 20 products are not in the source and would be deleted" in capfd.readouterr().err
    broken = [{"id": "p2"}, {"title": "no id"}, *rows[3:]]
    assert shop.ingest(*broken, **full, max_delete=100.0) == 1
    assert "nothing was deleted: 1 records could not be read or have no id" in capfd.readouterr().err
    refused = [{"id": "p2"}, *rows[3:]]  # p2 is refused, but it is there
    assert shop.ingest(*refused, **full, max_delete=10.0) == 1
    assert summary(capfd.readouterr().err)["deleted"] == 2
    assert shop.ids() == {f"p{number}" for number in range(2, 20)}
    assert shop.ingest(*rows, embed=False) == 0  # a mistaken source is mended by the right one, at once
    assert len(shop.ids()) == 20
    assert not list((shop.folder / "state" / "seen").iterdir())


def test_what_is_newer_than_the_source_stays(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    import os

    assert shop.ingest({"id": "late", "title": "Lamp", "updated_at": DAY.format(9)}, embed=False) == 0
    path = shop.file({"id": "other", "title": "Lamp", "updated_at": DAY.format(1)}, name="old.jsonl")
    os.utime(path, (1777900000, 1777900000))  # 4 May
    options = Options("product", (path,), delete_missing=True, embed=False, max_delete=100.0)
    assert ingest_command(options, shop.settings) == 0
    assert "are not in the source but newer than it: they stay" in capfd.readouterr().err
    assert shop.get("late") is not None


def test_an_interrupted_or_unfit_run_deletes_nothing(shop: Shop) -> None:
    with pytest.raises(InputError) as caught:
        ingest_command(Options("product", ("-",), delete_missing=True, limit=3, update=True), shop.settings)
    assert [mistake.what.split(",")[0] for mistake in caught.value.mistakes] == [
        "goes with all records",
        "goes with whole records",
        "needs a source with an end: a pipe may be cut short",
    ]


def test_updates_need_the_signals(spare: Shop) -> None:
    shop = spare
    shop.client.indices.delete(index=f"{shop.settings.alias('signal')}-000001")
    with pytest.raises(NotFoundError, match="where prices and heartbeats go"):
        shop.ingest({"id": "a", "price": 1}, update=True)
    row = {"id": "a", "title": "Lamp", "updated_at": DAY.format(1)}
    assert shop.ingest(row, {"id": "b", "deleted": True}, embed=False) == 0  # the rest works without them


def test_sellers_are_updated_in_their_documents(shop: Shop) -> None:
    assert shop.ingest({"id": "s", "name": "Cable & Co", "updated_at": DAY.format(1)}, kind="seller") == 0
    change = {"id": "s", "followers": 12, "updated_at": DAY.format(2)}
    assert shop.ingest(change, kind="seller", update=True) == 0
    found = shop.get("s", "seller")
    assert found is not None
    assert (found["_source"]["title"], found["_source"]["followers"]) == ("Cable & Co", 12)

"""Tombstones beside documents, and what a full source does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ingest_items import batch, item
from typer import BadParameter

from ingest.cli import percent
from ingest.columns import Columns
from ingest.compare import settle_deletions
from ingest.missing import Missing, Seen, check_share
from ingest.record import Deletion, Item, Record, Refusal
from ingest.validate import Validator
from stack.errors import InputError, Mistake

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def tombstone(id_: str, version: int) -> Deletion:
    return Deletion(id_, version, False, Record(1, 1, {}), "file", (0, 1))


def refused(data: dict[str, Any] | None) -> Refusal:
    return Refusal("file", 1, (Mistake("title", "is missing"),), data)


@pytest.mark.parametrize(
    ("data", "version"),
    [
        ({"id": "a", "deleted": True, "updated_at": "2026-05-01T00:00:00Z"}, 1777593600000),
        ({"id": 7, "deleted": "yes", "title": "still there"}, int(NOW.timestamp() * 1000)),
    ],
)
def test_a_tombstone_needs_an_id_and_takes_the_time_of_its_file(data: dict[str, Any], version: int) -> None:
    done = Validator("product", NOW).check(Record(1, 1, data), data, "file", 0, NOW)
    assert isinstance(done, Deletion)
    assert (done.id, done.version) == (str(data["id"]), version)


def test_a_tombstone_that_is_none() -> None:
    validator = Validator("product", NOW)
    for data in ({"deleted": True}, {"id": "a b", "deleted": 1}, {"id": "a", "deleted": True, "updated_at": "soon"}):
        assert isinstance(validator.check(Record(1, 1, data), data, "file", 0, NOW), Refusal)
    alive = {"id": "a", "title": "Lamp", "deleted": False}
    assert isinstance(validator.check(Record(1, 1, alive), alive, "file", 0, NOW), Item)
    assert not validator.unknown


@pytest.mark.parametrize(
    ("versions", "tombstones", "items_left", "deletions_left"),
    [([2000], [1000], 1, 0), ([1000], [2000], 0, 1), ([1000], [1000], 0, 1), ([2000], [1000, 3000], 0, 1)],
)
def test_of_a_document_and_its_tombstone_the_newer_stays(
    versions: list[int], tombstones: list[int], items_left: int, deletions_left: int
) -> None:
    todo = batch(0, *(item("a", version) for version in versions))
    todo.deletions = [tombstone("a", version) for version in tombstones]
    settle_deletions(todo)
    assert (len(todo.items), len(todo.deletions)) == (items_left, deletions_left)
    assert todo.counts.superseded == len(versions) + len(tombstones) - 1


def test_the_ids_of_a_run_are_kept_on_disk_across_a_resume(tmp_path: Path) -> None:
    path = tmp_path / "seen" / "run.sqlite"
    seen = Seen(path, anew=True)
    first = batch(0, item("a"), item("b"))
    first.deletions = [tombstone("gone", 1)]
    first.refusals = [refused({"id": "refused"})]
    seen.add(first, "product", Columns())
    seen.close(finished=False)
    seen = Seen(path, anew=False)
    seen.add(batch(1, item("c")), "product", Columns())
    assert seen.without(["a", "b", "c", "gone", "refused", "other"]) == {"other"}
    assert seen.nameless == 0
    seen.close(finished=True)
    assert list(path.parent.iterdir()) == []
    anew = Seen(path, anew=True)
    assert anew.without(["a"]) == {"a"}
    anew.close(finished=True)


def test_a_record_whose_id_nobody_knows_is_remembered(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "run.sqlite", anew=True)
    todo = batch(0)
    todo.refusals = [refused(None), refused({"title": "x"}), refused({"sku": "s"})]
    seen.add(todo, "product", Columns({"id": "sku"}))
    assert seen.nameless == 2
    seen.close(finished=True)


def test_more_than_the_share_is_refused_with_the_way_on() -> None:
    check_share(Missing(1000, 50, 0), "product", 5.0)
    check_share(Missing(0, 0, 0), "product", 0.0)
    with pytest.raises(InputError, match=r"51 of 1,000 products \(5.1%\) are not in the source") as caught:
        check_share(Missing(1000, 51, 0), "product", 5.0)
    assert "--max-delete 6%" in caught.value.remedy


def test_shares() -> None:
    assert [percent(text) for text in ("5%", "0.5", " 100% ")] == [5.0, 0.5, 100.0]
    for text in ("", "many", "-1%", "101%", "nan"):
        with pytest.raises(BadParameter):
            percent(text)

"""The pool: what nobody rated, the weightiest first, in a file that reads back and is never lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from learn.items import Item
from learn.judgments import Judgments, read_judgments
from learn.pool import unjudged, write_pool
from stack.errors import InputError

JUDGED = Judgments({"hub": {"a": 3}, "mouse": {"z": 0}}, ("rated.csv",))
RUNS = {
    "full": {"hub": [("a", 3.0), ("b", 2.0), ("c", 1.0)], "mouse": [("x", 1.0)]},
    "hybrid": {"hub": [("b", 3.0), ("a", 2.0), ("d", 1.0)], "mouse": [("z", 2.0), ("x", 1.0)]},
}


def test_what_matters_most_comes_first() -> None:
    pool = unjudged(RUNS, JUDGED, depth=3)
    assert [(each.query, each.doc, each.best_rank) for each in pool] == [
        ("hub", "b", 1),
        ("mouse", "x", 1),
        ("hub", "c", 3),
        ("hub", "d", 3),
    ]
    assert pool[0].rankers == ("full", "hybrid")
    assert pool[2].rankers == ("full",)


def test_nothing_below_the_depth() -> None:
    assert {each.doc for each in unjudged(RUNS, JUDGED, depth=2)} == {"b", "x"}


def write(file: Path, force: bool = False) -> None:
    write_pool(unjudged(RUNS, JUDGED, 3), {"b": Item("b", 'USB "hub", 4 ports', "Acme")}, file, force)


def test_it_reads_back_with_the_ratings_that_were_filled_in(tmp_path: Path) -> None:
    file = tmp_path / "pool.csv"
    write(file)
    rows = list(csv.DictReader(file.open()))
    assert rows[0]["title"] == 'USB "hub", 4 ports'
    rows[0]["rating"] = "2"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    read = read_judgments([file])
    assert read.ratings == {"hub": {"b": 2}}
    assert read.counts.unrated == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("query,docid,title,brand,best_rank,rankers,rating\nhub,b,x,y,1,full,2\n", "holds 1 ratings"),
        ("my notes\n", "is there, and no pool"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_work_that_was_done_is_not_overwritten(tmp_path: Path, text: str | bytes, says: str) -> None:
    file = tmp_path / "pool.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = file.read_bytes()
    with pytest.raises(InputError, match=says):
        write(file)
    assert file.read_bytes() == before
    write(file, force=True)
    assert file.read_bytes() != before


def test_a_pool_without_ratings_is_made_anew(tmp_path: Path) -> None:
    write(tmp_path / "pool.csv")
    write(tmp_path / "pool.csv")

"""Judgment files: both forms, merged, every mistake with its file and line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from learn.judgments import read_judgments
from stack.errors import InputError

CHORUS = "query,docid,rating\nlaptop,1,3\nlaptop,2,0\nusb hub,7,1\nnothing,9,0\n"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return file


@pytest.mark.parametrize("name", ["rated.csv", "rated.csv.gz"])
def test_chorus_is_read_plain_and_packed(tmp_path: Path, name: str) -> None:
    read = read_judgments([write(tmp_path, name, CHORUS)])
    assert read.ratings == {"laptop": {"1": 3, "2": 0}, "usb hub": {"7": 1}, "nothing": {"9": 0}}
    assert read.answerable == ["laptop", "usb hub"]


def test_qrels_have_underscores_for_spaces(tmp_path: Path) -> None:
    read = read_judgments([write(tmp_path, "a.qrels", "usb_hub 0 7 2\nusb_hub 0 8 0\n")])
    assert read.ratings == {"usb hub": {"7": 2, "8": 0}}


def test_columns_may_come_in_any_order_and_with_others(tmp_path: Path) -> None:
    read = read_judgments([write(tmp_path, "a.csv", "rating,note,docid,query\n2,x,7,usb hub\n")])
    assert read.ratings == {"usb hub": {"7": 2}}


def test_files_are_merged_and_equal_rows_agree(tmp_path: Path) -> None:
    more = write(tmp_path, "b.csv", "query,docid,rating\nlaptop,1,3\nlaptop,5,2\n")
    read = read_judgments([write(tmp_path, "a.csv", CHORUS), more])
    assert read.ratings["laptop"] == {"1": 3, "2": 0, "5": 2}


def test_a_conflict_names_both_places(tmp_path: Path) -> None:
    more = write(tmp_path, "b.csv", "query,docid,rating\nlaptop,1,0\n")
    with pytest.raises(InputError, match=r"b\.csv:2: query 'laptop', document 1: rated 0, but 3 at a\.csv:2"):
        read_judgments([write(tmp_path, "a.csv", CHORUS), more])


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    bad = "query,docid,rating\nlaptop,1,many\n,2,1\nlaptop,3,-1\nlaptop,4,1.5\nlaptop,5,nan\nlaptop,6,inf\nlaptop,7,1\n"
    with pytest.raises(InputError) as caught:
        read_judgments([write(tmp_path, "bad.csv", bad), tmp_path / "absent.csv"])
    places = [mistake.where for mistake in caught.value.mistakes]
    assert places == [*(f"bad.csv:{line}" for line in range(2, 8)), str(tmp_path / "absent.csv")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("query,doc,rating\na,b,1\n", "no column docid"),
        ("", "there are no judgments"),
        ("one two three\n", "3 columns, qrels have 4"),
    ],
)
def test_what_is_not_a_judgment_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_judgments([write(tmp_path, "a.csv", text)])


def test_a_truncated_gzip_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv.gz", CHORUS * 50)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"a\.csv\.gz: cannot be read"):
        read_judgments([file])


def test_rows_that_say_the_same_twice_are_counted(tmp_path: Path) -> None:
    again = write(tmp_path, "b.csv", "query,docid,rating\nlaptop,1,3\nlaptop,1,3\nlaptop,5,2\n")
    read = read_judgments([write(tmp_path, "a.csv", CHORUS), again])
    assert (read.counts.rows, read.counts.duplicates) == (7, 2)
    assert read.without_relevant == ["nothing"]


UNRATED = "query,docid,rating\nlaptop,1,3\nlaptop,2,\nlaptop,3, \n"


def test_an_empty_rating_is_a_mistake_unless_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", UNRATED)
    with pytest.raises(InputError, match=r"a\.csv:3: rating '' .* a\.csv:4"):
        read_judgments([file])
    read = read_judgments([file], skip_unrated=True)
    assert read.ratings == {"laptop": {"1": 3}}
    assert read.counts.unrated == 2


def test_a_pool_may_be_rated_in_part(tmp_path: Path) -> None:
    text = "query,docid,title,brand,best_rank,rankers,rating\nlaptop,1,A,B,1,full,2\nlaptop,2,A,B,2,full,\n"
    read = read_judgments([write(tmp_path, "pool.csv", text)])
    assert read.ratings == {"laptop": {"1": 2}}
    assert read.counts.unrated == 1


def test_a_pool_without_a_rating_says_why_there_is_nothing(tmp_path: Path) -> None:
    text = "query,docid,best_rank,rankers,rating\nlaptop,1,1,full,\n"
    with pytest.raises(InputError, match=r"no judgments .1 rows wait for a rating"):
        read_judgments([write(tmp_path, "pool.csv", text)])

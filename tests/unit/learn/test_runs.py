"""TREC runs of other systems."""

from __future__ import annotations

from pathlib import Path

import pytest

from learn.evaluate import Evaluation, write_run
from learn.rankers import Ranker, Setup
from learn.runs import read_run
from stack.errors import InputError


def test_what_we_write_we_read(tmp_path: Path) -> None:
    run = {"usb hub": [("a", 2.0), ("b", 1.0)], "mouse": [("m", 1.0)]}
    file = tmp_path / "run.trec"
    write_run(Evaluation(Setup(Ranker.FULL, ("spelling", "price")), run, {}), file, list(run))
    read = read_run(file)
    assert read.name == "souk-full-without-spelling+price"
    assert read.run == run


def test_the_score_decides_not_the_line(tmp_path: Path) -> None:
    file = tmp_path / "x.run"
    file.write_text("q Q0 low 1 0.5 theirs\nq Q0 high 2 0.9 theirs\n")
    assert [doc for doc, _ in read_run(file).run["q"]] == ["high", "low"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the run is empty"),
        ("q Q0 a 1 0.5 x\nq a\n", "x.run:2: is not: query Q0"),
        ("q Q0 a 1 much x\n", "x.run:1: is not: query Q0"),
        ("q Q0 a 1 0.5 x\nq Q0 a 2 0.4 x\n", "x.run:2: document a stands twice for q"),
    ],
)
def test_what_is_no_run_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.run"
    file.write_text(text)
    with pytest.raises(InputError, match=says):
        read_run(file)

"""`souk compare`: what it prints, in which order, and what it says to mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import register
from api.compare.model import CompareRequest, Comparison, Moved, Side
from stack.errors import InputError

ALIKE = {"laptop": 0.9, "mouse": 0.2, "hub": 0.5}


class FakeSearcher:
    """Answers each query with one hit that stays and one that moved; the rows are alike as ALIKE says."""

    def __init__(self) -> None:
        self.asked: list[CompareRequest] = []

    async def compare(self, asked: CompareRequest) -> Comparison:
        self.asked.append(asked)
        sides = [
            Side(ranker=name, label=name, text="corrected", corrections={asked.q: "corrected"}, found=2)
            for name in (asked.a, asked.b)
        ]
        return Comparison(
            q=asked.q, type=asked.type, size=asked.size, a=sides[0], b=sides[1], overlap=0.5, tau=1.0,
            rbo=ALIKE[asked.q],
            hits=[
                Moved(id="2", title=f"moved of {asked.q}", a=4, b=1, move="▲3", why="Lifted by: its title."),
                Moved(id="1", title=f"[b]stays[/b] of {asked.q}", a=2, b=2, move="="),
                Moved(id="3", title="left", a=1, b=None, move="gone", why="Only hybrid finds it."),
            ],
        )  # fmt: skip


@pytest.fixture
def searcher(monkeypatch: pytest.MonkeyPatch) -> FakeSearcher:
    fake = FakeSearcher()

    @asynccontextmanager
    async def build(settings: object) -> AsyncIterator[FakeSearcher]:
        yield fake

    monkeypatch.setitem(sys.modules, "api.bootstrap", SimpleNamespace(build_searcher=build))
    return fake


def souk(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["compare", *arguments], env={"COLUMNS": "120"})


def test_two_columns_and_why(searcher: FakeSearcher) -> None:
    result = souk("hybrid", "full:-price", "laptop", "--type", "video", "--size", "4")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    rows = {line.split()[0]: " ".join(line.split()) for line in lines if line.strip()[:1].isdigit()}
    assert rows["1"] == "1 left gone ▲3 moved of laptop"
    assert rows["2"] == "2 [b]stays[/b] of laptop → 2 = [b]stays[/b] of laptop"
    assert rows["3"] == "3 moved of laptop → 1"
    assert "overlap@4 50%, RBO 0.90, τ 1.00 over those that both show" in result.stdout
    assert "hybrid: searched for “corrected”; laptop read as corrected" in result.stdout
    assert "▲3 4th → 1st moved of laptop" in result.stdout
    assert "gone 1st → – left" in result.stdout
    assert searcher.asked == [CompareRequest(q="laptop", a="hybrid", b="full:-price", type="video", size=4)]


def test_of_many_queries_those_that_differ_most_come_first(searcher: FakeSearcher, tmp_path: Path) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("laptop\n\nmouse\nhub\nmouse\n")
    result = souk("hybrid", "full", "--queries", str(file), "--shown", "1")
    assert result.exit_code == 0, result.output
    table, shown = result.stdout.split("\n\n", 1)
    assert [line.split()[0] for line in table.splitlines()[1:]] == ["mouse", "hub", "laptop"]
    assert "moved of mouse" in shown
    assert "moved of hub" not in shown
    as_json = souk("hybrid", "full", "--queries", str(file), "--json")
    assert [json.loads(line)["q"] for line in as_json.stdout.splitlines()] == ["mouse", "hub", "laptop"]


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["ful", "full:-x", "laptop"], {"a", "b"}),
        (["ful", "full", "laptop", "--type", "shoe", "--size", "0"], {"a", "type", "size"}),
        (["full", "hybrid"], {"QUERY"}),
        (["full", "hybrid", "laptop", "--queries", "queries.txt"], {"QUERY"}),
        (["full", "hybrid", "--queries", "no/such/file"], {"--queries"}),
        (["full", "hybrid", "x" * 513], {"q"}),
    ],
)
def test_all_mistakes_before_anything_is_searched(
    searcher: FakeSearcher, arguments: list[str], where: set[str]
) -> None:
    result = souk(*arguments)
    assert isinstance(result.exception, InputError)
    assert {mistake.where for mistake in result.exception.mistakes} == where
    assert not searcher.asked


def test_a_file_without_a_query_is_a_mistake(searcher: FakeSearcher, tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.txt", tmp_path / "binary.txt"
    empty.write_text("\n \n")
    binary.write_bytes(b"\xff\xfe\x00laptop")
    for file in (empty, binary):
        assert isinstance(souk("full", "hybrid", "--queries", str(file)).exception, InputError)

"""`souk search`: what it prints, and what it says to mistakes."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest
import typer
from fake_core import FakeCore
from typer.testing import CliRunner, Result

from api.cli import register
from stack.errors import InputError


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> FakeCore:
    core = FakeCore()
    monkeypatch.setitem(sys.modules, "api.bootstrap", SimpleNamespace(build_searcher=lambda settings: core.open()))
    return core


def souk(*arguments: str) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["search", *arguments], env={"COLUMNS": "160"})


def test_a_table_of_hits(core: FakeCore) -> None:
    result = souk("wireless", "--debug")
    assert result.exit_code == 0
    assert "Logi M185 Wireless Mouse" in result.stdout
    assert "€12.90" in result.stdout
    assert "Tiny Tech Tests · 1.2M views" in result.stdout
    assert "3 products, 1 videos, 0 lives in 18.4 ms (portable)" in result.stdout
    assert "recall" in result.stderr


def test_json_lines_with_types_filters_sort_and_paging(core: FakeCore) -> None:
    result = souk(
        "", "--type", "product", "--filter", "brand=HP", "--filter", "brand=Logi", "--filter", "price=10..800",
        "--sort", "newest", "--size", "2", "--page", "2", "--json",
    )  # fmt: skip
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["p5"]
    assert core.asked[0].filters["brand"] == ["HP", "Logi"]
    assert core.asked[0].sort == "newest"


def test_all_mistakes_at_once(core: FakeCore) -> None:
    result = souk("x", "--type", "shoe", "--size", "999", "--filter", "brand")
    assert isinstance(result.exception, InputError)
    assert [mistake.where for mistake in result.exception.mistakes] == ["--filter", "types.0", "size"]
    assert not core.asked

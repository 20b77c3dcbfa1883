"""Files of a market: same bytes for a seed, whole or not at all, never overwritten unasked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from learn.market.cli import market_app
from learn.market.generate import Market, Sizes, generate
from learn.market.write import write
from stack.errors import ConfigError, InputError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FILES = {"products.jsonl", "videos.jsonl", "lives.jsonl"}


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, Sizes(30, 6, 4), NOW)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_seed_same_bytes(market: Market, tmp_path: Path) -> None:
    write(market, tmp_path / "a")
    write(generate(7, Sizes(30, 6, 4), NOW), tmp_path / "b")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def test_truth_lies_apart_and_nothing_is_left_over(market: Market, tmp_path: Path) -> None:
    written = {str(path.relative_to(tmp_path)) for path in write(market, tmp_path)}
    assert written == set(bytes_of(tmp_path))
    assert {name for name in written if not name.startswith("truth")} == FILES
    first = json.loads((tmp_path / "products.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == market.products[0]


def test_a_failed_write_leaves_the_old_market(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(market, tmp_path)
    before = bytes_of(tmp_path)
    dumps, calls = orjson.dumps, iter(range(1_000))

    def full_disk(record: object, option: int) -> bytes:
        if next(calls) > 40:
            raise OSError(28, "No space left on device")
        return dumps(record, option=option)

    monkeypatch.setattr("learn.market.write.orjson.dumps", full_disk)
    with pytest.raises(ConfigError, match="No space left"):
        write(generate(8, Sizes(30, 6, 4), NOW), tmp_path)
    assert bytes_of(tmp_path) == before


def command(out: Path, *more: str) -> list[str]:
    return ["generate", "--out", str(out), "--products", "20", "--videos", "3", "--lives", "2", *more]


def test_the_command_writes_and_sums_up(tmp_path: Path) -> None:
    result = CliRunner().invoke(market_app, command(tmp_path))
    assert result.exit_code == 0, result.output
    assert "products.jsonl" in result.output
    assert len((tmp_path / "products.jsonl").read_text(encoding="utf-8").splitlines()) == 20


def test_the_command_replaces_a_market_only_when_forced(tmp_path: Path) -> None:
    CliRunner().invoke(market_app, command(tmp_path, "--seed", "1"))
    refused = CliRunner().invoke(market_app, command(tmp_path, "--seed", "2"))
    assert isinstance(refused.exception, InputError)
    assert "--force" in str(refused.exception)
    before = bytes_of(tmp_path)["products.jsonl"]
    assert CliRunner().invoke(market_app, command(tmp_path, "--seed", "2", "--force")).exit_code == 0
    assert bytes_of(tmp_path)["products.jsonl"] != before

"""Files of a market: same bytes for a seed, whole or not at all, never overwritten unasked."""

from __future__ import annotations

import ast
import gc
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from learn.market.build import Built, Report, build
from learn.market.cli import market_app
from learn.market.generate import Made, Market, Sizes, generate, make
from learn.market.products import Listing
from learn.market.write import write
from stack.errors import ConfigError, InputError
from stack.settings import ROOT, load_settings

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FILES = {"products.jsonl", "videos.jsonl", "lives.jsonl", "sellers.jsonl", "creators.jsonl"}


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(7, Sizes(30, 6, 4), NOW)


@pytest.fixture(autouse=True, scope="module")
def drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All commands of this file share their drawings, as they do in a user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOUK_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


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


def test_records_are_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a market that is written only the sample that videos and lives show stays in memory."""
    monkeypatch.setattr("learn.market.generate.SAMPLE", 40)
    kept: list[int] = []

    def counted() -> Iterator[Made]:
        for number, made in enumerate(make(7, Sizes(400, 30, 4), NOW)):
            if number in (399, 420):
                kept.append(sum(isinstance(each, Listing) for each in gc.get_objects()))
            yield made

    write(counted(), tmp_path)
    assert len(kept) == 2
    assert max(kept) <= 42


def test_a_large_market_begins_at_once() -> None:
    first = list(islice(make(7, Sizes(1_000_000, 50_000, 2_000), NOW), 30))
    assert [made.record for made in first] == generate(7, Sizes(30, 0, 0), NOW).products


def test_only_evaluation_knows_of_the_truth() -> None:
    """Neither ingestion nor serving names the folder, so that nothing of it can find its way into a search."""
    files = [file for package in ("stack", "ingest", "api") for file in (ROOT / package).rglob("*.py")]
    named = [
        str(file.relative_to(ROOT))
        for file in files
        if any(
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and ("truth/" in node.value or node.value == "truth")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        )
    ]
    assert len(files) > 100
    assert named == []


def built(out: Path, force: bool = True, report: Report = lambda _part, _done, _total: None) -> Built:
    return build(out, 7, Sizes(20, 3, 2), NOW + timedelta(minutes=len(list(out.glob("*")))),
                 load_settings().cache_dir / "drawings", force, report)  # fmt: skip


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    first, before = built(tmp_path), {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    again, after = built(tmp_path), {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert first.anew
    assert not again.anew
    assert {path.name for path in after if after[path] != before.get(path)} == {"lives.jsonl"}
    assert after.keys() == before.keys()


def test_a_picture_that_is_gone_is_drawn_again(tmp_path: Path) -> None:
    whole = built(tmp_path)
    lost = tmp_path / "media" / whole.media[0]
    content = lost.read_bytes()
    lost.unlink()
    (tmp_path / "media" / "of-another-market.webp").write_bytes(b"")
    assert built(tmp_path).anew
    assert lost.read_bytes() == content
    assert {path.name for path in (tmp_path / "media").iterdir()} == set(whole.media)


def test_a_run_that_is_stopped_leaves_the_old_market(tmp_path: Path) -> None:
    built(tmp_path)
    before = {name: content for name, content in bytes_of(tmp_path).items() if name != "market.json"}

    def stopped(part: str, _done: int, _total: int | None) -> None:
        if part == "pictures":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, 8, Sizes(20, 3, 2), NOW, None, True, stopped)
    assert bytes_of(tmp_path) == before


def command(out: Path, *more: str) -> list[str]:
    return ["generate", "--out", str(out), "--products", "20", "--videos", "3", "--lives", "2", *more]


def test_the_command_writes_and_sums_up(tmp_path: Path) -> None:
    result = CliRunner().invoke(market_app, command(tmp_path))
    assert result.exit_code == 0, result.output
    assert "products.jsonl" in result.output
    assert len((tmp_path / "products.jsonl").read_text(encoding="utf-8").splitlines()) == 20


def test_the_command_replaces_a_market_only_when_forced(tmp_path: Path) -> None:
    CliRunner().invoke(market_app, command(tmp_path))
    refused = CliRunner().invoke(market_app, command(tmp_path, "--products", "21"))
    assert isinstance(refused.exception, InputError)
    assert "--force" in str(refused.exception)
    before = bytes_of(tmp_path)["products.jsonl"]
    assert CliRunner().invoke(market_app, command(tmp_path, "--products", "21", "--force")).exit_code == 0
    assert bytes_of(tmp_path)["products.jsonl"] != before

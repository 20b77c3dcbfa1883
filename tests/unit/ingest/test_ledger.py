from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import orjson
import pytest
from ingest_items import batch, item

from ingest.checkpoint import Checkpoints, Mark
from ingest.dead_letters import DeadLetters
from ingest.ledger import Ledger
from ingest.record import OTHER_REASONS, Batch, Counts, Position, Refusal
from stack.errors import ConfigError, Mistake


def refused(number: int) -> Batch:
    """A batch whose one record is refused."""
    made = batch(number)
    made.counts.read = 1
    made.refuse(Refusal("f", number, (Mistake("title", "is missing"),), {"n": number}))
    return made


def lines(path: Path) -> list[int]:
    return [orjson.loads(line)["line"] for line in path.read_bytes().splitlines()]


def test_the_mark_follows_the_source_whatever_order_batches_end_in(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c.sqlite")
    letters = DeadLetters(tmp_path / "deep" / "dead.jsonl")
    ledger = Ledger("run", checkpoints, letters)
    for number in (2, 1):
        ledger.commit(refused(number))
    assert ledger.position == Position()
    assert not (tmp_path / "deep").exists()  # made only when needed
    ledger.commit(batch(0, item()))
    assert ledger.position == Position(0, 3)
    assert lines(tmp_path / "deep" / "dead.jsonl") == [1, 2]
    ledger.save()
    mark = checkpoints.load("run")
    assert mark is not None
    assert (mark.position, mark.counts.refused, mark.counts.read) == (Position(0, 3), 2, 3)
    ledger.finish()
    assert checkpoints.load("run") is None


def test_a_resumed_run_has_no_dead_letter_twice(tmp_path: Path) -> None:
    file = tmp_path / "dead.jsonl"
    checkpoints = Checkpoints(tmp_path / "c.sqlite")
    killed = Ledger("run", checkpoints, DeadLetters(file))
    killed.commit(refused(0))
    killed.save()
    killed.commit(refused(1))  # written, but the mark that says so was not: then the kill
    mark = checkpoints.load("run")
    assert mark is not None
    resumed = Ledger("run", checkpoints, DeadLetters(file, mark.dead_bytes), mark)
    again = refused(0)
    again.refusals[0] = Refusal("f", 1, (Mistake("title", "is missing"),), {})
    resumed.commit(again)
    assert lines(file) == [0, 1]
    assert (resumed.resumed, resumed.counts().refused) == (1, 2)


def test_a_run_that_ends_before_its_first_batch_forgets_nothing(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c.sqlite")
    mark = Mark(Position(1, 7), Counts(read=9, refused=1), tmp_path / "d", 12)
    checkpoints.save("run", mark)
    Ledger("run", checkpoints, DeadLetters(mark.dead_letters, mark.dead_bytes), mark).save()
    assert checkpoints.load("run") == mark


def test_dead_letters_that_cannot_be_written_come_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    letters = DeadLetters(tmp_path / "file" / "dead.jsonl")
    with pytest.raises(ConfigError, match="--dead-letters"):
        letters.write(refused(0).refusals)


def test_a_damaged_checkpoint_file_comes_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(ConfigError, match="damaged"):
        Checkpoints(tmp_path / "c.sqlite")


def test_a_full_disk_keeps_the_old_mark_and_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    checkpoints = Checkpoints(tmp_path / "c.sqlite")
    first = Mark(Position(0, 1), Counts(read=1))
    checkpoints.save("run", first)
    checkpoints._db.execute("PRAGMA max_page_count = 1")  # SQLite's own way to a full disk
    for read in (2, 3):
        checkpoints.save("run", Mark(Position(0, read), Counts(read=read, reasons=Counter({"x" * 100_000: 1}))))
    assert checkpoints.load("run") == first
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "full" in caplog.text


def test_a_mark_that_cannot_be_read_comes_with_a_remedy(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c.sqlite")
    with sqlite3.connect(tmp_path / "c.sqlite") as other:
        other.execute("DROP TABLE runs")
    with pytest.raises(ConfigError, match="SOUK_STATE_DIR"):
        checkpoints.load("run")


def test_reasons_are_bounded() -> None:
    total = Counts()
    for number in range(500):
        part = Counts()
        part.refuse(Refusal("f", 1, (Mistake("x", f"fault {number}"),)))
        total.add(part)
    assert len(total.reasons) == 201
    assert total.reasons[OTHER_REASONS] == 300

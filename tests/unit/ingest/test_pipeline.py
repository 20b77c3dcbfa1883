from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pytest
from ingest_items import Engine
from opensearchpy.exceptions import ConnectionError as EngineConnectionError

from ingest.checkpoint import Checkpoints
from ingest.columns import Columns
from ingest.dead_letters import DeadLetters
from ingest.enrich import FORM, Enricher
from ingest.flow import Flow, Stage
from ingest.ledger import Ledger
from ingest.pipeline import Target, ingest
from ingest.reading import Reading
from ingest.record import Batch, Position
from ingest.sources import find_sources
from ingest.summary import Snapshot, Summary
from stack.errors import EngineUnavailableError

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Cluster(Engine):
    """The engine's stand-in with the refresh that ends a run."""

    def __init__(self, *answers: Any) -> None:
        super().__init__(*answers)
        self.indices = SimpleNamespace(refresh=lambda index: None)

    def titles(self) -> dict[str, str]:
        return {id_: source["title"] for id_, (_, source) in self.documents.items()}


class Encoder:
    """A vector of the text's length; remembers what it was asked for."""

    card = SimpleNamespace(name="test", dimension=2, hash="m1")

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        self.texts += texts
        return np.array([[len(text), 1] for text in texts], np.float32)


class Cache(dict[str, np.ndarray]):
    def get_many(self, texts: list[str]) -> dict[int, np.ndarray]:
        return {place: self[text] for place, text in enumerate(texts) if text in self}

    def put_many(self, texts: list[str], vectors: np.ndarray) -> None:
        self.update(zip(texts, vectors, strict=True))


def shop(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def run(file: Path, cluster: Any, enricher: Any = None, ledger: Ledger | None = None, **options: Any) -> Ledger:
    reading = Reading(
        "product", find_sources([str(file)], NOW), "auto", Columns(), options.pop("batch", 10), **options, now=NOW
    )
    ledger = ledger or Ledger(None, None, DeadLetters(None))
    ingest(reading, Target(cluster, "souk-products", "run", retry_for_s=1), enricher, ledger, threading.Event())
    return ledger


def test_a_second_run_changes_nothing_and_computes_nothing(tmp_path: Path) -> None:
    # Two records of one id, without a time, far apart: the later stays, and the next run knows.
    rows = [{"id": str(number % 40), "title": f"T{number}"} for number in range(95)]
    file, cluster, encoder = shop(tmp_path / "s.jsonl", rows), Cluster(), Encoder()
    enricher = Enricher(encoder, Cache(), threading.Event())  # type: ignore[arg-type]
    run(file, cluster, enricher)
    assert cluster.titles() == {str(number % 40): f"T{number}" for number in range(95)}
    for _, source in cluster.documents.values():
        assert source["vector_hash"] == f"m1-{FORM}", "the model, and what is made of its vectors"
        assert len(source["text_vector"]) == 2
        assert {"text_sketch", "title_sketch"} <= source.keys()
    bulks, texts = len(cluster.bulks), len(encoder.texts)
    counts = run(file, cluster, enricher).counts()
    assert (counts.written, counts.unchanged, counts.stale) == (0, 40, 55)
    assert (len(cluster.bulks), len(encoder.texts)) == (bulks, texts)


def test_the_newest_wins_whatever_the_order(tmp_path: Path) -> None:
    rows = [
        {"id": str(number % 7), "title": f"T{number}", "updated_at": 1_700_000_000 - number} for number in range(200)
    ]
    cluster = Cluster()
    counts = run(shop(tmp_path / "s.jsonl", rows), cluster, batch=3).counts()
    assert cluster.titles() == {str(number): f"T{number}" for number in range(7)}
    assert counts.read == 200 == counts.written + counts.stale + counts.superseded


def test_a_failed_run_resumes_to_the_state_of_an_unbroken_one(tmp_path: Path) -> None:
    rows = [{"id": str(number), "title": "" if number % 50 == 0 else f"T{number}"} for number in range(300)]
    file, checkpoints = shop(tmp_path / "s.jsonl", rows), Checkpoints(tmp_path / "c.sqlite")
    whole, broken = Cluster(), Cluster(*[None] * 12, [{"status": 404}])
    run(file, whole)
    first = Ledger("run", checkpoints, DeadLetters(tmp_path / "dead.jsonl"))
    with pytest.raises(Exception, match="alias"):
        run(file, broken, ledger=first)
    mark = checkpoints.load("run")
    assert mark is not None
    assert 0 < mark.position.ordinal < 300
    second = Ledger("run", checkpoints, DeadLetters(mark.dead_letters, mark.dead_bytes), mark)
    counts = run(file, broken, ledger=second).counts()
    assert broken.titles() == whole.titles()
    assert (counts.read, counts.refused) == (300, 6)
    assert [orjson.loads(line)["line"] for line in (tmp_path / "dead.jsonl").read_bytes().splitlines()] == [
        1,
        51,
        101,
        151,
        201,
        251,
    ]
    assert checkpoints.load("run") is None


def test_an_engine_that_dies_at_the_very_end_is_named(tmp_path: Path) -> None:
    def gone(index: str) -> None:
        raise EngineConnectionError("N/A", "refused", Exception("refused"))

    cluster = Cluster()
    cluster.indices.refresh = gone
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        run(shop(tmp_path / "s.jsonl", [{"id": "1", "title": "T"}]), cluster)
    assert cluster.titles() == {"1": "T"}


def test_an_interrupt_after_reading_waits_for_what_is_being_written(tmp_path: Path) -> None:
    """The file is read long before it is written: Ctrl-C then finds the main thread waiting for the stages."""
    cluster, ended = Cluster(), threading.Event()
    answer = cluster.bulk

    def slow(**options: Any) -> dict[str, Any]:
        time.sleep(0.4)
        ended.set()
        return answer(**options)

    cluster.bulk = slow  # type: ignore[method-assign, assignment]
    file = shop(tmp_path / "s.jsonl", ({"id": str(number), "title": "T"} for number in range(5)))
    reading = Reading("product", find_sources([str(file)], NOW), "auto", Columns(), now=NOW)
    ledger = Ledger(None, None, DeadLetters(None))
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    ending = ingest(reading, Target(cluster, "souk-products", "run"), None, ledger, threading.Event())  # type: ignore[arg-type]
    timer.join()
    assert ended.is_set()
    assert (ending, ledger.counts().written) == ("interrupted", 5)


def test_a_limit_counts_the_whole_run(tmp_path: Path) -> None:
    file = shop(tmp_path / "s.jsonl", ({"id": str(number), "title": "T"} for number in range(50)))
    cluster = Cluster()
    assert run(file, cluster, limit=23).counts().read == 23
    assert len(cluster.documents) == 23


def test_batches_are_bounded_in_bytes(tmp_path: Path) -> None:
    file = shop(
        tmp_path / "s.jsonl", ({"id": str(number), "title": "T", "description": "x" * 190_000} for number in range(60))
    )
    reading = Reading("product", find_sources([str(file)], NOW), "auto", Columns(), 500, now=NOW)
    assert [batch.counts.read for batch in reading.batches(Position())] == [23, 23, 14]


def test_a_slow_stage_holds_the_reader_back() -> None:
    made: list[int] = []

    def slow(batch: Batch) -> Batch:
        time.sleep(0.01)
        return batch

    done: list[int] = []
    flow = Flow(
        [Stage("a", lambda batch: batch), Stage("b", slow, 2)],
        lambda batch: done.append(batch.number),
        threading.Event(),
    )
    flow.start()
    for number in range(40):
        flow.put(Batch(number))
        made.append(number)
        assert len(made) - len(done) <= 10
    flow.finish()
    assert sorted(done) == list(range(40))


def test_a_failing_stage_ends_the_flow_and_tells_why() -> None:
    def fail(batch: Batch) -> Batch:
        raise ValueError("broken")

    flow = Flow([Stage("a", lambda batch: batch), Stage("b", fail)], lambda batch: None, threading.Event())
    flow.start()
    for number in range(3):
        with suppress(ValueError):
            flow.put(Batch(number))
    flow.finish()
    with pytest.raises(ValueError, match="broken"):
        flow.check()


def test_the_exit_code_says_how_it_ended() -> None:
    ledger = Ledger(None, None, DeadLetters(None))
    assert Summary("product", "finished", Snapshot(ledger.counts(), 1.0)).exit_code == 0
    counts = ledger.counts()
    counts.refused = 1
    assert Summary("product", "finished", Snapshot(counts, 1.0)).exit_code == 1
    assert Summary("product", "interrupted", Snapshot(counts, 1.0)).exit_code == 130

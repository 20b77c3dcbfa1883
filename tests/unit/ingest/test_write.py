from __future__ import annotations

import threading
from typing import Any

import pytest
from ingest_items import Engine, batch, item
from opensearchpy.exceptions import ConnectionError as EngineConnectionError
from opensearchpy.exceptions import RequestError, TransportError

from ingest import patience
from ingest.patience import Patience
from ingest.record import Batch
from ingest.write import Line, Writer, bulk_lines, chunks
from stack.errors import EngineError, EngineUnavailableError, NotFoundError

BUSY = {"status": 429, "error": {"type": "rejected_execution_exception", "reason": "queue is full"}}
GOOD = {"status": 201}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "wait_random_exponential", lambda **_: lambda _: 0.001)


def write(engine: Any, todo: Batch, seconds: float = 5) -> Batch:
    return Writer(engine, "souk-products", Patience(seconds, threading.Event()))(todo)


def test_an_older_version_is_stale_and_no_error() -> None:
    engine = Engine()
    write(engine, batch(0, item("a", 2000, "new")))
    done = write(engine, batch(1, item("a", 1000, "old"), item("b")))
    assert (done.counts.written, done.counts.stale, done.counts.refused) == (1, 1, 0)
    assert engine.documents["a"][1]["title"] == "new"


def test_only_what_the_engine_was_too_busy_for_is_sent_again() -> None:
    engine = Engine(
        [GOOD, BUSY, GOOD, BUSY],
        [BUSY, BUSY],
        TransportError(503, "busy", {}),
        EngineConnectionError("N/A", "gone", None),
    )
    done = write(engine, batch(0, *(item(name) for name in "abcd")))
    assert done.counts.written == 4
    assert set(engine.documents) == {"b", "d"}
    assert engine.bulks[1] < engine.bulks[0]


def test_one_bad_document_does_not_stop_the_others() -> None:
    bad = {
        "status": 400,
        "error": {"type": "mapper_parsing_exception", "reason": "price", "caused_by": {"reason": "NaN"}},
    }
    done = write(Engine([GOOD, bad, GOOD]), batch(0, item("a"), item("b", place=7), item("c")))
    assert (done.counts.written, done.counts.refused) == (2, 1)
    (refusal,) = done.refusals
    assert (refusal.line, refusal.detail, refusal.data["id"]) == (7, "price: NaN", "b")
    assert done.counts.reasons == {"engine: refused it (mapper_parsing_exception)": 1}


def test_an_engine_that_stays_away_ends_the_run_with_the_way_back() -> None:
    engine = Engine(*[EngineConnectionError("N/A", "gone", None)] * 10_000)
    with pytest.raises(EngineUnavailableError, match="gave up after 0 s") as caught:
        write(engine, batch(0, item()), seconds=0.05)
    assert "--resume" in caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ([{"status": 404, "error": {"type": "index_not_found_exception"}}], NotFoundError, "souk apply"),
        (
            [{"status": 429, "error": {"type": "cluster_block_exception", "reason": "disk usage"}}],
            EngineError,
            "disk usage",
        ),
        (RequestError(400, "x", {"error": {"type": "illegal", "reason": "malformed"}}), EngineError, "malformed"),
    ],
)
def test_what_no_retry_mends_ends_the_run_at_once(answer: Any, error: type[Exception], said: str) -> None:
    engine = Engine(answer)
    with pytest.raises(error, match=said):
        write(engine, batch(0, item()))
    assert len(engine.bulks) == 1


def test_requests_are_bounded_in_bytes() -> None:
    items = [item(str(number), title="x" * 500) for number in range(20)]
    lines = [Line(one, bulk_lines(one)) for one in items]
    made = list(chunks(lines, 3000))
    assert [line for chunk in made for line in chunk] == lines
    assert all(sum(len(line.content) for line in chunk) <= 3000 for chunk in made)
    assert len(list(chunks(lines[:1], 10))) == 1

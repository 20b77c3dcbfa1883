from __future__ import annotations

import threading
from typing import Any

import pytest
from ingest_items import item

from ingest.compare import InFlight, judge, newest_of_each

HASH = item().body["content_hash"]
OTHER = "0" * 32


@pytest.mark.parametrize(
    ("stored", "stand_in", "vector", "verdict"),
    [
        (None, False, None, "write"),
        ({"version": 1000, "content_hash": HASH}, False, None, "unchanged"),
        ({"version": 1000, "content_hash": OTHER}, False, None, "write"),
        ({"version": 2000, "content_hash": OTHER}, False, None, "stale"),
        ({"version": 500, "content_hash": OTHER}, False, None, "write"),
        # A newer time of its own decides about later versions; one that stands in from the file does not.
        ({"version": 500, "content_hash": HASH}, False, None, "write"),
        ({"version": 500, "content_hash": HASH}, True, None, "unchanged"),
        ({"version": 2000, "content_hash": HASH}, False, None, "unchanged"),
        # A vector is wanted and the stored one is missing, or another model's.
        ({"version": 1000, "content_hash": HASH}, True, "m1", "write"),
        ({"version": 1000, "content_hash": HASH, "vector_hash": "m0"}, True, "m1", "write"),
        ({"version": 1000, "content_hash": HASH, "vector_hash": "m1"}, True, "m1", "unchanged"),
        ({"version": 1000, "content_hash": HASH, "vector_hash": "m1"}, True, None, "unchanged"),
        # Equally new records of one source: the later stays, in this run and in the next of the same source.
        ({"version": 1000, "content_hash": OTHER, "ingested_from": "run:0:9"}, True, None, "stale"),
        ({"version": 1000, "content_hash": OTHER, "ingested_from": "run:1:1"}, True, None, "stale"),
        ({"version": 1000, "content_hash": OTHER, "ingested_from": "run:0:3"}, True, None, "write"),
        ({"version": 1000, "content_hash": OTHER, "ingested_from": "else:0:9"}, True, None, "write"),
    ],
)
def test_what_becomes_of_an_item(
    stored: dict[str, Any] | None, stand_in: bool, vector: str | None, verdict: str
) -> None:
    known = {"_version": stored.pop("version"), "_source": stored} if stored else None
    assert judge(item(stand_in=stand_in, place=5), known, "run", vector) == verdict


def test_the_newest_of_a_batch_wins_and_the_later_of_two_equals() -> None:
    items = [item("a", 2, "new"), item("a", 1, "old"), item("b", 1, "first"), item("b", 1, "second"), item("c")]
    kept, superseded = newest_of_each(items)
    assert [one.document.title for one in kept] == ["new", "second", "A"]
    assert superseded == 2


def test_an_id_in_flight_is_waited_for() -> None:
    in_flight, halt = InFlight(halt := threading.Event()), halt
    assert in_flight.claim(frozenset("ab"))
    assert in_flight.claim(frozenset("c"))
    claimed = threading.Event()
    waiter = threading.Thread(target=lambda: in_flight.claim(frozenset("bd")) and claimed.set())
    waiter.start()
    assert not claimed.wait(0.05)
    in_flight.release(frozenset("ab"))
    assert claimed.wait(5)
    waiter.join()
    halt.set()
    assert not in_flight.claim(frozenset("d"))

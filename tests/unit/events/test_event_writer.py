"""Records on their way to the engine: in batches, never waited for, kept while it is away, counted when lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from event_material import Shelf, count, entry, writer_of

from api.events.writer import bulk_lines
from stack.behaviour import EVENTS, QUERIES

DROPPED = "souk_events_dropped_total"
WRITTEN = "souk_events_written_total"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110  what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def test_what_is_put_is_written_in_order_and_in_batches() -> None:
    shelf = Shelf()
    writer, registry = writer_of(shelf)
    async with writer:
        assert all(writer.put(entry(number)) for number in range(12))
        assert shelf.kept == [], "put does not write"
        await until(lambda: len(shelf.kept) == 12)
    assert [one.id for one in shelf.kept] == [f"{number:04d}" for number in range(12)]
    assert max(shelf.batches) <= 5
    assert count(registry, WRITTEN, log=EVENTS) == 12
    assert count(registry, "souk_events_waiting") == 0


async def test_a_full_batch_does_not_wait_for_the_second_to_be_over() -> None:
    shelf = Shelf()
    writer, _ = writer_of(shelf, every_s=60)
    async with writer:
        for number in range(5):
            writer.put(entry(number))
        await until(lambda: len(shelf.kept) == 5)


async def test_what_waits_for_an_engine_that_is_away_is_written_when_it_is_back() -> None:
    shelf = Shelf()
    shelf.away = True
    writer, registry = writer_of(shelf)
    async with writer:
        for number in range(7):
            writer.put(entry(number))
        await asyncio.sleep(0.1)
        assert count(registry, "souk_events_waiting") == 7
        shelf.away = False
        await until(lambda: len(shelf.kept) == 7)
    assert [one.id for one in shelf.kept] == [f"{number:04d}" for number in range(7)]


async def test_without_room_new_records_are_dropped_and_counted() -> None:
    shelf = Shelf()
    shelf.away = True
    writer, registry = writer_of(shelf, waiting_bytes=100)
    async with writer:
        taken = [writer.put(entry(number)) for number in range(15)]
        assert taken == [True] * 10 + [False] * 5
        assert count(registry, DROPPED, log=EVENTS, why="full") == 5
        shelf.away = False
        await until(lambda: len(shelf.kept) == 10)
        assert writer.put(entry(99)), "there is room again"


async def test_a_record_that_the_engine_is_too_busy_for_is_sent_again_and_one_that_it_refuses_is_not() -> None:
    shelf = Shelf()
    shelf.statuses = [201, 429, 400, 409]
    writer, registry = writer_of(shelf)
    async with writer:
        for number in range(4):
            writer.put(entry(number))
        await until(lambda: len(shelf.kept) == 2)
    assert [one.id for one in shelf.kept] == ["0000", "0001"]
    assert count(registry, WRITTEN, log=EVENTS) == 3, "what was there already is written"
    assert count(registry, DROPPED, log=EVENTS, why="refused") == 1


async def test_the_end_writes_what_waits() -> None:
    shelf = Shelf()
    writer, _ = writer_of(shelf, every_s=60)
    async with writer:
        writer.put(entry(1))
    assert len(shelf.kept) == 1


@pytest.mark.parametrize(("away", "slow_s"), [(True, 0.0), (False, 30.0)], ids=["engine away", "engine slow"])
async def test_the_end_does_not_wait_for_ever(away: bool, slow_s: float) -> None:
    shelf = Shelf()
    shelf.away, shelf.slow_s = away, slow_s
    writer, registry = writer_of(shelf, every_s=60, close_s=0.2)
    started = time.monotonic()
    async with writer:
        for number in range(3):
            writer.put(entry(number))
    assert time.monotonic() - started < 2
    assert count(registry, DROPPED, log=EVENTS, why="shutdown") == 3
    assert count(registry, "souk_events_waiting") == 0


def test_a_bulk_creates_so_that_a_record_is_written_once() -> None:
    lines = bulk_lines([entry(1)], {EVENTS: "shop-ubi_events", QUERIES: "shop-ubi_queries"}).splitlines()
    assert lines == [b'{"create":{"_index":"shop-ubi_events","_id":"0001"}}', b"xxxxxx"]

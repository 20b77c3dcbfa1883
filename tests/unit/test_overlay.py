"""Signals over a page, and rooms whose heartbeat is only in their signal."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from query_plans import FIELDS, NOW, plan

from api.fuse import Candidate
from api.overlay import lay_over, read_signals, signals_body, still_fits
from api.present import present
from api.query.filters import filter_clauses, live_now
from api.rooms import NO_ROOMS, Rooms, RoomWatch
from api.understand.model import PriceRange, Understanding
from stack.errors import EngineUnavailableError
from stack.signals import millis

BEFORE, LATER = NOW - timedelta(hours=1), NOW - timedelta(seconds=30)


def signal(**fields: Any) -> dict[str, Any]:
    return {"times": dict.fromkeys(fields, millis(LATER))} | fields


def product(id: str, **fields: Any) -> dict[str, Any]:
    return {"_id": id, "_source": {"id": id, "title": id, "updated_at": BEFORE.isoformat()} | fields}


def page(ids: str, hits: list[dict[str, Any]], signals: dict[str, Any], **request: Any) -> list[Any]:
    items = [Candidate("product", id, 1.0, {}) for id in ids]
    return present(items, {"product": {"hits": {"hits": hits}}}, 20, plan(**request), 120, signals)


def test_a_hit_that_its_signal_puts_outside_the_filters_leaves_a_gap() -> None:
    hits = [product(id, price=10.0, in_stock=True, stock=3) for id in "abcd"]
    signals = {
        "product:a": signal(price=12.0),
        "product:b": signal(price=25.0),
        "product:c": signal(stock=0),
    }
    request = {"filters": {"price": {"lte": 20}, "in_stock": True}}
    shown = page("abcd", hits, signals, **request)
    assert [(hit.id, hit.position, hit.document["price"]) for hit in shown] == [("a", 21, 12.0), ("d", 24, 10.0)]
    assert [hit.id for hit in page("abcd", hits, signals)] == list("abcd")  # nothing asked, nothing left out


def test_a_price_in_the_words_is_a_filter_too() -> None:
    cheap = plan(q="lamp", understanding=Understanding("lamp under 20", "lamp", "en", price=PriceRange(lte=20)))
    assert still_fits("product", {"price": 20.0}, cheap)
    assert not still_fits("product", {"price": 20.01}, cheap)
    assert not still_fits("product", {}, cheap)
    assert still_fits("video", {}, cheap)


@pytest.mark.parametrize(
    ("filters", "document", "fits"),
    [
        ({"status": "live"}, {"status": "live"}, True),
        ({"status": ["live", "replay"]}, {"status": "ended"}, False),
        ({"viewers": {"gte": 100}}, {"viewers": 99}, False),
        ({"host": "Ana"}, {"host_name": "Bo"}, True),  # not ours: the engine filtered it
    ],
)
def test_filters_on_what_signals_change(filters: dict[str, Any], document: dict[str, Any], fits: bool) -> None:
    assert still_fits("live", document, plan(types=["live"], filters=filters)) is fits


def test_signals_are_asked_by_kind_and_id() -> None:
    assert signals_body([("product", "a"), ("live", "a")])["query"] == {"ids": {"values": ["product:a", "live:a"]}}
    answer = {"hits": {"hits": [{"_id": "live:a", "_source": signal(viewers=3)}]}}
    document = {"viewers": 1, "updated_at": BEFORE.isoformat()}
    assert lay_over("live", "a", document, read_signals(answer))["viewers"] == 3
    assert lay_over("product", "a", document, read_signals({})) is document


ROOMS = Rooms(
    {
        "on": signal(status="live", heartbeat_at=LATER.isoformat()),
        "beats": signal(heartbeat_at=LATER.isoformat()),
        "silent": signal(status="live", heartbeat_at=(NOW - timedelta(minutes=5)).isoformat()),
        "over": signal(status="ended"),
    }
)


@pytest.mark.parametrize(
    ("id", "status", "expected"),
    [
        ("on", "scheduled", "live"),
        ("beats", "live", "live"),
        ("beats", "ended", "ended"),
        ("over", "live", "ended"),
        ("unknown", "live", "live"),
    ],
)
def test_a_room_is_what_its_signal_says(id: str, status: str, expected: str) -> None:
    found, beat = ROOMS.state(id, status, None, millis(BEFORE))
    assert found == expected
    assert beat == (LATER if id in ("on", "beats") else None)
    assert ROOMS.state(id, status, BEFORE, millis(NOW)) == (status, BEFORE)  # its document is newer


def test_what_rooms_say_as_a_whole() -> None:
    assert set(ROOMS.beating(NOW, 120)) == {"on", "beats"}
    assert ROOMS.said(NOW, 120) == {"on": "live", "silent": "ended", "over": "ended"}


@pytest.mark.parametrize(
    ("status", "inside", "outside"), [("live", ["on"], ["over", "silent"]), ("ended", ["over", "silent"], ["on"])]
)
def test_filters_on_status_know_the_rooms(status: str, inside: list[str], outside: list[str]) -> None:
    (clause,) = filter_clauses({"status": status}, FIELDS, NOW, 120, None, ROOMS)
    assert clause["bool"]["must_not"] == [{"terms": {"id": outside}}]
    text = json.dumps(clause["bool"]["filter"])
    assert json.dumps({"terms": {"id": inside}}) in text
    # A document that says it is live, with a heartbeat in its signal, is.
    assert json.dumps({"terms": {"id": ["beats", "on"]}}) in text
    assert live_now(NOW, 120, NO_ROOMS) == live_now(NOW, 120)


def test_rooms_are_part_of_the_plan() -> None:
    made = replace(plan(types=["live"], filters={"status": "live"}), rooms=ROOMS)
    assert made.rooms.by_id["on"]["status"] == "live"


async def test_the_watch_keeps_what_it_knew_while_the_engine_is_away() -> None:
    answers: list[Any] = [ROOMS, EngineUnavailableError("away"), NO_ROOMS]
    looked = asyncio.Event()

    async def look() -> Rooms:
        answer = answers.pop(0)
        if not answers:
            looked.set()
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    watch = RoomWatch(look, every_s=0.01)
    await watch.look()
    await watch.look()
    assert watch.rooms is ROOMS
    watch = RoomWatch(look, every_s=0.01)
    await watch.start()
    await asyncio.wait_for(looked.wait(), 5)
    await watch.close()
    assert watch.rooms is NO_ROOMS


async def test_an_answer_that_nobody_understands_does_not_end_the_watch() -> None:
    answers: list[Any] = [KeyError("id"), ROOMS]
    found = asyncio.Event()

    async def look() -> Rooms:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        found.set()
        return answer  # type: ignore[no-any-return]

    watch = RoomWatch(look, every_s=0.01)
    await watch.start()
    assert watch.rooms is NO_ROOMS
    await asyncio.wait_for(found.wait(), 5)
    await watch.close()
    assert watch.rooms is ROOMS

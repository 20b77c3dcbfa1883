"""`POST /v1/events`: what is taken, and every mistake with its index and field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from api.events.intake import Allowance, read_events
from stack.behaviour import IntakeRules, load_behaviour_rules
from stack.errors import InputError
from stack.settings import ROOT

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
RULES = IntakeRules(most_events=3, per_second=10, burst=20, ahead_s=300, late_s=86_400)
CLICK = {
    "action_name": "click",
    "query_id": "q-1",
    "event_attributes": {
        "object": {"object_id": "p-1", "object_id_type": "product"},
        "position": {"ordinal": 3},
    },
}


def taken(body: Any, client_id: str | None = None) -> list[dict[str, Any]]:
    return [orjson.loads(entry.body) for entry in read_events(orjson.dumps(body), RULES, NOW, client_id)]


def mistakes(body: Any) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        taken(body)
    return {mistake.where: mistake.what for mistake in caught.value.mistakes}


def test_one_event_or_a_list() -> None:
    assert taken(CLICK) == taken([CLICK])
    assert taken([]) == []
    kept = taken(CLICK)[0]
    assert kept == CLICK | {"timestamp": "2025-03-01T12:00:00Z"}


def test_the_same_event_twice_is_one_document_and_another_is_another() -> None:
    same = {**CLICK, "timestamp": "2025-03-01T11:59:00Z"}
    other = {**same, "query_id": "q-2"}
    ids = [entry.id for entry in read_events(orjson.dumps([same, same, other]), RULES, NOW)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, NOW),
        (NOW - timedelta(hours=2), NOW - timedelta(hours=2)),
        (NOW + timedelta(seconds=200), NOW + timedelta(seconds=200)),
        (NOW + timedelta(hours=1), NOW),
        (NOW - timedelta(days=400), NOW),
    ],
    ids=["none", "late", "a little ahead", "tomorrow's clock", "last year's clock"],
)
def test_the_time_is_the_server_s_where_no_honest_clock_says_it(given: datetime | None, kept: datetime) -> None:
    event = taken(CLICK | ({"timestamp": given} if given else {}))[0]
    assert datetime.fromisoformat(event["timestamp"]) == kept


def test_nothing_that_names_a_person_is_kept() -> None:
    event = taken({**CLICK, "user_id": "ada@example.org"}, client_id="browser-1")[0]
    assert "ada" not in str(event)
    assert event["client_id"] == "browser-1"
    assert taken({**CLICK, "client_id": "own"}, client_id="browser-1")[0]["client_id"] == "own"


def test_every_mistake_is_told_with_its_index_and_field() -> None:
    found = mistakes(
        [
            {"query_id": "q"},
            {**CLICK, "timestamp": "yesterday", "colour": "red"},
            {
                "action_name": "x" * 101,
                "event_attributes": {"object": {}, "position": {"ordinal": -1}, "deep": {"a": 1}},
            },
        ]
    )
    assert found.keys() == {
        "[0].action_name",
        "[1].timestamp",
        "[1].colour",
        "[2].action_name",
        "[2].event_attributes.object.object_id",
        "[2].event_attributes.position.ordinal",
        "[2].event_attributes.deep",
    }
    assert "event_attributes" in found["[1].colour"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("text", "body"),
        (7, "body"),
        ([[]], "[0]"),
        ([None], "[0]"),
        ({"action_name": "click", "event_attributes": []}, "event_attributes"),
        ({"action_name": "click", "event_attributes": {"position.ordinal": "high"}}, "event_attributes"),
        ({"action_name": "click", "event_attributes": {f"n{n}": 1 for n in range(51)}}, "event_attributes"),
        ({"action_name": "click", "event_attributes": {"list": list(range(101))}}, "event_attributes.list"),
        ({"action_name": "click", "event_attributes": {"value": "dear"}}, "event_attributes.value"),
        (
            {"action_name": "click", "event_attributes": {"position": {"xy": {"x": 1}}}},
            "event_attributes.position.xy.y",
        ),
        ([CLICK] * 4, "body"),
    ],
)
def test_what_is_no_event_is_refused_with_its_place(body: Any, where: str) -> None:
    assert where in mistakes(body)


@pytest.mark.parametrize("body", [b"", b"{", b'"\\ud800"', b"[" * 5000, b"\xff", b'{"action_name": NaN}'])
def test_what_is_not_json_is_a_mistake_of_the_body(body: bytes) -> None:
    with pytest.raises(InputError, match="body: not JSON"):
        read_events(body, RULES, NOW)


def test_details_beyond_the_standard_are_kept_flat() -> None:
    attributes = {**CLICK["event_attributes"], "shelf": "similar", "tags": ["a", 1, None], "big": 10**18}  # type: ignore[dict-item]
    kept = taken({**CLICK, "event_attributes": attributes})[0]["event_attributes"]
    assert (kept["shelf"], kept["tags"]) == ("similar", ["a", 1, None])


def test_the_allowance_flows_back_with_time() -> None:
    time = [0.0]
    allowance = Allowance(RULES, clock=lambda: time[0])
    assert allowance.take(20)
    assert not allowance.take(1)
    time[0] = 0.5
    assert allowance.take(5)
    assert not allowance.take(1)
    time[0] = 1_000
    assert not allowance.take(21), "it never holds more than a burst"
    assert allowance.take(20)


def test_the_declared_numbers_are_read() -> None:
    rules = load_behaviour_rules(ROOT / "mappings")
    assert rules.intake.most_events == 100
    assert rules.intake.burst >= rules.intake.most_events

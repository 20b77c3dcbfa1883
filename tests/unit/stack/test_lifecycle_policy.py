"""The declared policy, and when a room ended."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stack.errors import ConfigError
from stack.lifecycle import ended_at, load_policy
from stack.settings import ROOT


def test_the_shipped_policy_is_complete() -> None:
    policy = load_policy(ROOT / "mappings")
    assert set(policy.logs) == {"ubi_queries", "ubi_events", "ingest_runs"}
    for log in policy.logs.values():
        assert log.conditions["max_age"] == f"{log.roll_days}d"


def test_every_mistake_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "lifecycle.yml").write_text("ended_lives_days: 0\nlogs: {ubi_events: {roll_days: x}}\n")
    with pytest.raises(ConfigError) as caught:
        load_policy(tmp_path)
    for place in ("ended_lives_days", "tombstones_days", "logs.ubi_events.roll_days", "logs.ubi_events.keep_days"):
        assert place in caught.value.message


@pytest.mark.parametrize(
    ("room", "day"),
    [
        ({"ended_at": "2026-01-02T00:00:00Z", "heartbeat_at": "2026-01-05T00:00:00Z"}, 2),
        ({"heartbeat_at": "2026-01-05T00:00:00Z"}, 5),
        ({}, 3),
    ],
)
def test_a_room_ended_when_it_says_or_was_last_heard_of(room: dict[str, str], day: int) -> None:
    assert ended_at({"updated_at": "2026-01-03T00:00:00Z"} | room) == datetime(2026, 1, day, tzinfo=UTC)

"""The pulse outlives an outage of the engine, says it once, and keeps to the rooms of its start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from learn.market import pulse
from stack.errors import EngineError, EngineUnavailableError, NotFoundError

NOW = datetime(2025, 6, 1, tzinfo=UTC)
AWAY = EngineUnavailableError("away", "Run souk up")


class Ended(Exception):
    """The process is ended."""


def run(
    monkeypatch: pytest.MonkeyPatch, reads: list[Any], beats: list[Exception | None]
) -> tuple[list[str], list[str]]:
    """(what was said, the rooms of each beat) until nothing is left of what reading and beating do."""
    said: list[str] = []
    beaten: list[str] = []

    def living_rooms(*_: object) -> dict[str, int]:
        found = reads.pop(0)
        if isinstance(found, Exception):
            raise found
        return dict.fromkeys(found, 10)

    def beat(client: object, signals: str, rooms: dict[str, int], now: datetime) -> None:
        if error := beats.pop(0):
            raise error
        beaten.extend(rooms)

    def wait(seconds: float) -> None:
        if not beats:
            raise Ended

    monkeypatch.setattr(pulse, "living_rooms", living_rooms)
    monkeypatch.setattr(pulse, "beat", beat)
    with pytest.raises(Ended):
        pulse.keep_beating(object(), "lives", "signals", 120, 30, lambda: NOW, wait, said.append)  # type: ignore[arg-type]
    assert reads == []
    return said, beaten


@pytest.mark.parametrize(
    ("reads", "beats", "outages", "beaten"),
    [
        ([["a"]], [None, None], 0, 2),
        ([["a"]], [None, AWAY, AWAY, None], 1, 2),
        ([["a"]], [None, AWAY, None, EngineError("refused"), None], 2, 3),
        ([AWAY, NotFoundError("no index", "Run souk apply"), ["a"]], [None], 1, 1),
    ],
)
def test_outages(
    monkeypatch: pytest.MonkeyPatch, reads: list[Any], beats: list[Exception | None], outages: int, beaten: int
) -> None:
    said, rooms = run(monkeypatch, reads, beats)
    assert sum(line.startswith("No heartbeats for now") for line in said) == outages
    assert sum(line == "The heartbeats go on" for line in said) == outages
    assert rooms == ["a"] * beaten

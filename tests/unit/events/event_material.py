"""An engine in a list, for the tests of the road to it; the real one is in tests/integration/test_behaviour.py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from api.events.tally import Tally
from api.events.writer import Entry, EventWriter
from stack.behaviour import EVENTS, WriterRules
from stack.errors import EngineUnavailableError


class Shelf:
    """Takes entries. `away`: as an engine that is down; `statuses` are answered first; `slow_s` is waited."""

    def __init__(self) -> None:
        self.kept: list[Entry] = []
        self.batches: list[int] = []
        self.away = False
        self.statuses: list[int] = []
        self.slow_s = 0.0

    async def send(self, entries: Sequence[Entry]) -> list[int]:
        await asyncio.sleep(self.slow_s)
        if self.away:
            raise EngineUnavailableError("the engine cannot be reached")
        self.batches.append(len(entries))
        answers = [self.statuses.pop(0) if self.statuses else 201 for _ in entries]
        self.kept += [entry for entry, status in zip(entries, answers, strict=True) if status == 201]
        return answers


def entry(number: int, size: int = 10) -> Entry:
    return Entry(EVENTS, f"{number:04d}", b"x" * (size - 4))


def writer_of(shelf: Shelf, **rules: float) -> tuple[EventWriter, CollectorRegistry]:
    """A quick writer over the shelf, and where it counts."""
    usual = {
        "waiting_bytes": 10_000, "every_s": 0.01, "batch": 5, "timeout_s": 5, "longest_pause_s": 0.02, "close_s": 0.5,
    }  # fmt: skip
    registry = CollectorRegistry()
    return EventWriter(shelf.send, WriterRules.model_validate(usual | rules), Tally(registry)), registry


def count(registry: CollectorRegistry, name: str, **labels: str) -> float:
    return registry.get_sample_value(name, labels or None) or 0.0

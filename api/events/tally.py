"""Prometheus counts of what was written down and what was not."""

from __future__ import annotations

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge

from stack.behaviour import EVENTS, QUERIES, Log

Loss = Literal["full", "refused", "shutdown"]


class Tally:
    """`souk_events_written_total`, `souk_events_dropped_total` by reason, `souk_events_waiting`.

    full: the queue was full, as it is while the engine is away; refused: the engine would not take the record;
    shutdown: the process ended before the engine took it.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._written = Counter(
            "souk_events_written", "searches and events that the engine took", ("log",), registry=registry
        )
        self._dropped = Counter(
            "souk_events_dropped", "searches and events that were lost", ("log", "why"), registry=registry
        )
        self._waiting = Gauge(
            "souk_events_waiting",
            "searches and events not written yet",
            registry=registry,
            multiprocess_mode="livesum",
        )
        for log in (QUERIES, EVENTS):  # so that both are there before the first
            self._written.labels(log)
            self._dropped.labels(log, "full")

    def written(self, log: Log, count: int = 1) -> None:
        self._written.labels(log).inc(count)

    def dropped(self, log: Log, why: Loss, count: int = 1) -> None:
        self._dropped.labels(log, why).inc(count)

    def waiting(self, count: int) -> None:
        self._waiting.set(count)

"""Prometheus metrics, in a registry of their own so that several apps can live in one process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from api.model import Answer

AGREEMENT = (-0.5, 0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Requests by route, method and status; latency by route and by stage; what was dropped for the deadline; what
    became of the words; how far a shadow model agrees.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "souk_http_requests", "HTTP requests", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "souk_http_request_seconds", "time to answer a request", ("route",), buckets=SECONDS, registry=registry
        )
        self._stages = Histogram(
            "souk_search_stage_seconds", "time of one stage of a search", ("stage",), buckets=SECONDS, registry=registry
        )
        self._degraded = Counter(
            "souk_search_degraded", "searches that dropped something to keep the deadline", ("what",), registry=registry
        )
        self._reworded = Counter(
            "souk_search_reworded",
            "searches whose words were corrected, left out because nothing has all, or had another spelling offered",
            ("how",),
            registry=registry,
        )
        self._shadow = Histogram(
            "souk_shadow_agreement",
            "Kendall's tau of the shadow model's order with the serving model's",
            ("kind",),
            buckets=AGREEMENT,
            registry=registry,
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer) -> None:
        for stage in answer.stages:
            self._stages.labels(stage.name).observe(stage.took_ms / 1000)
        for what in answer.degraded:
            self._degraded.labels(what).inc()
        for how in _reworded(answer.query):
            self._reworded.labels(how).inc()
        for kind, tau in answer.shadow.items():
            self._shadow.labels(kind).observe(tau)

    def render(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)


def _reworded(query: Mapping[str, Any]) -> Iterable[str]:
    """`correction`, `relaxation`, `offer`: each once a search."""
    if query.get("corrections"):
        yield "correction"
    if query.get("relaxed"):
        yield "relaxation"
    if any(step["name"] == "spelling" and step.get("note") for step in query.get("steps", [])):
        yield "offer"

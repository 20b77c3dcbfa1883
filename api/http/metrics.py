"""Prometheus metrics, in a registry of their own so that several apps can live in one process.

Several processes on one port (`workers.py`) count in files of one folder, and whichever is asked answers for all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from api.model import Answer
from api.suggest.model import Suggestions

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes count together; the client library reads it as it loads."""
AGREEMENT = (-0.5, 0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """Requests by route, method and status; latency by route and by stage; what was dropped for the deadline; what
    became of the words; how far a shadow model agrees.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._shown = registry if FOLDER_VARIABLE not in os.environ else _of_all_workers()
        if self._shown is registry:
            ProcessCollector(registry=registry)
        Gauge("souk_workers", "API processes on this port", registry=registry, multiprocess_mode="livesum").set(1)
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
        self._suggest = Histogram(
            "souk_suggest_seconds", "time to answer a typed line in the core", buckets=SECONDS, registry=registry
        )
        self._suggest_late = Counter(
            "souk_suggest_late", "typed lines answered without products, which came too late", registry=registry
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

    def suggested(self, found: Suggestions) -> None:
        self._suggest.observe(found.took_ms / 1000)
        if found.late:
            self._suggest_late.inc()

    def render(self) -> bytes:
        """The Prometheus text format; the sums over all processes of this port."""
        return generate_latest(self._shown)


def _of_all_workers() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Family())
    return registry


class _Family(Collector):
    """Memory and processor time of the supervisor and its workers together, under the names that one process has."""

    def collect(self) -> Iterable[Metric]:
        memory, seconds = 0, 0.0
        supervisor = psutil.Process(os.getppid())
        for process in (supervisor, *supervisor.children()):
            with suppress(psutil.Error):  # it ended meanwhile
                memory += process.memory_info().rss
                seconds += sum(process.cpu_times()[:2])
        yield GaugeMetricFamily("process_resident_memory_bytes", "memory of all processes", value=memory)
        yield CounterMetricFamily("process_cpu_seconds", "processor time of the processes that live", value=seconds)


def _reworded(query: Mapping[str, Any]) -> Iterable[str]:
    """`correction`, `relaxation`, `offer`: each once a search."""
    if query.get("corrections"):
        yield "correction"
    if query.get("relaxed"):
        yield "relaxation"
    if any(step["name"] == "spelling" and step.get("note") for step in query.get("steps", [])):
        yield "offer"

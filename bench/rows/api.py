"""What the API adds to the engine's own time: the whole HTTP request less its round trips to the engine."""

from __future__ import annotations

import asyncio
import sys
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

import orjson

from bench.bed import Bed
from bench.processes import Server, serving
from bench.rows.search import SIZE, milliseconds, uncached
from bench.server import ENGINE_STAGE
from bench.table import Result, Row, Target
from bench.timing import Samples, differences, interleave
from stack.errors import SoukError
from stack.node.launch import free_port

QUERIES, WARM_UP = 100, 200
TARGET = Target("≤", 10)
ENGINE_STAGES = ("recall", "final_stage", "fetch")


def measure(bed: Bed) -> Result:
    """Two rows: less the stages that hold the round trips, and less the round trips alone, which is stricter."""
    bed.fill()
    settings = uncached(bed.settings).model_copy(update={"api_port": free_port(), "api_host": "127.0.0.1"})
    with serving([sys.executable, "-m", "bench.server"], settings) as server:
        return asyncio.run(_measure(bed, server))


async def _measure(bed: Bed, server: Server) -> Result:
    client = Client(server)
    stages: list[float] = []
    engine: list[float] = []

    async def request(query: str) -> float:
        seconds, answer = client.search({"q": query, "mode": "portable", "size": SIZE})
        took = {stage["name"]: stage["took_ms"] / 1000 for stage in answer["stages"]}
        stages.append(sum(took.get(name, 0.0) for name in ENGINE_STAGES))
        engine.append(took[ENGINE_STAGE])
        return seconds

    queries = bed.queries(QUERIES)
    with bed.ticking("API", len(queries) * bed.rounds) as tick:
        done = await interleave({"ours": request}, queries, rounds=bed.rounds, warm_up=WARM_UP, tick=tick)
    ours = done["ours"]
    return Result(
        [
            _row("API over its stages", ours, Samples(tuple(stages[WARM_UP:])), "recall + final stage + fetch"),
            _row("API over the round trips", ours, Samples(tuple(engine[WARM_UP:])), "engine round trips"),
        ]
    )


def _row(name: str, ours: Samples, engine: Samples, what: str) -> Row:
    added = differences(ours, engine)
    note = f"request less {what}, pair by pair (p99 {added.p99 * 1000:.1f} ms); the query's vector is computed"
    return Row(
        name, milliseconds("POST /v1/search", ours), milliseconds(what, engine), added.p50 * 1000, "ms", TARGET, note
    )


class Client:
    """One kept connection to the API, with as little in it as can be: its own time counts as the API's."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection(server.host, server.port, timeout=30)

    def search(self, request: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """(seconds until the last byte, the answer). Raises SoukError when it is not an answer."""
        body = orjson.dumps(request)
        started = time.perf_counter()
        try:
            self._connection.request("POST", "/v1/search", body, {"content-type": "application/json"})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            raise SoukError(f"the API did not answer: {error}") from error
        seconds = time.perf_counter() - started
        answer: dict[str, Any] = orjson.loads(content)
        if response.status != 200:
            raise SoukError(f"the API answered with {response.status}: {answer.get('detail') or answer}")
        return seconds, answer

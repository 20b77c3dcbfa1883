"""The memory of an API process that has searched."""

from __future__ import annotations

from bench.bed import Bed
from bench.catalogue import SOUK
from bench.processes import resident, serving
from bench.rows.api import Client
from bench.table import Figure, Result, Row, Target
from stack.node.launch import free_port

SEARCHES = 500
TARGET = Target("≤", 800)


def measure(bed: Bed) -> Result:
    """One row: resident memory of `souk serve`, with the settings as they are, after 500 different searches."""
    bed.fill()
    queries = bed.queries(SEARCHES)
    settings = bed.settings.model_copy(update={"api_port": free_port(), "api_host": "127.0.0.1"})
    with serving([*SOUK, "serve"], settings) as server, bed.ticking("API memory", len(queries)) as tick:
        client = Client(server)
        client.search({"q": queries[0]})
        before = resident(server.process)
        for query in queries:
            client.search({"q": query, "facets": ["category", "brand"]})
            tick()
        after = resident(server.process)
    return Result(
        [
            Row(
                "API process, memory",
                Figure("after the searches", "MB", megabytes(after), len(queries)),
                Figure("after the first search", "MB", megabytes(before), 1),
                megabytes(after),
                "MB",
                TARGET,
                f"resident memory after {len(queries)} different searches",
            )
        ]
    )


def megabytes(size: int) -> float:
    """Bytes in units of 10^6."""
    return size / 1e6

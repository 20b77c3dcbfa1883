"""A whole search against one bare `multi_match`, on the same node through the same client, call by call."""

from __future__ import annotations

import asyncio
from typing import Any

from api.bootstrap import build_searcher
from api.model import SearchRequest
from api.query.highlight import HIDDEN
from api.search import Searcher
from bench.bed import Bed
from bench.table import Figure, Result, Row, Target
from bench.timing import Samples, interleave, seconds_of_async
from stack.documents import KINDS
from stack.settings import Settings

QUERIES, WARM_UP, SIZE = 100, 200, 20
MAX_FACETS = 20
P50, P99 = Target("≤", 8), Target("≤", 5)
BASELINE = "multi_match, products"
NOTE = (
    "three verticals, understanding, a ranking model for each of them, a page of 20 with highlights{}; every query's "
    "vector is computed, the engine's request cache is emptied before each round"
)


def measure(bed: Bed) -> Result:
    """Four rows: p50 and p99, without and with every facet that the search page counts."""
    bed.fill()
    return asyncio.run(_measure(bed))


async def _measure(bed: Bed) -> Result:
    async with build_searcher(uncached(bed.settings)) as searcher:
        facets = [field.name for field in searcher.fields.facets(list(KINDS))][:MAX_FACETS]
        plain = await _rows(bed, searcher, "search", [], "")
        return Result(plain + await _rows(bed, searcher, "search with facets", facets, f" and {len(facets)} facets"))


def uncached(settings: Settings) -> Settings:
    """Room for one query's vector: the queries come in turn, so that each is computed anew."""
    return settings.model_copy(update={"query_cache": 1})


async def _rows(bed: Bed, searcher: Searcher, name: str, facets: list[str], with_what: str) -> list[Row]:
    degraded = 0

    async def ours(query: str) -> float:
        nonlocal degraded
        answer = searcher.search(SearchRequest(q=query, mode="portable", size=SIZE, facets=facets))
        running = asyncio.ensure_future(answer)
        seconds = await seconds_of_async(running)
        degraded += bool(running.result().degraded)
        return seconds

    async def bare(query: str) -> float:
        index = bed.settings.alias("product")
        return await seconds_of_async(searcher.client.search(index=index, body=bare_body(searcher, query)))

    async def forget() -> None:
        await searcher.client.indices.clear_cache(index=f"{bed.settings.index_prefix}-*", params={"request": "true"})

    queries = bed.queries(QUERIES)
    with bed.ticking(name, len(queries) * bed.rounds) as tick:
        samples = await interleave(
            {"ours": ours, "bare": bare}, queries, rounds=bed.rounds, warm_up=WARM_UP, before_round=forget, tick=tick
        )
    note = NOTE.format(with_what) + (f"; {degraded} of them came degraded" if degraded else "")
    return _against(name, samples["ours"], samples["bare"], note)


def bare_body(searcher: Searcher, query: str) -> dict[str, Any]:
    """One `multi_match` over the fields that we search too, with the documents that we answer, no vectors in them."""
    fields = [
        f"{name}.{searcher.languages[0]}^{boost:g}" for name, boost in searcher.rules.lexical.fields["product"].items()
    ]
    return {
        "size": SIZE,
        "query": {"multi_match": {"query": query, "fields": fields}},
        "_source": {"excludes": HIDDEN},
    }


def _against(name: str, ours: Samples, bare: Samples, note: str) -> list[Row]:
    figures = milliseconds("search", ours), milliseconds(BASELINE, bare)
    return [
        Row(f"{name}, p50", *figures, ours.p50 / bare.p50, "×", P50, note),
        Row(f"{name}, p99", *figures, ours.p99 / bare.p99, "×", P99),
    ]


def milliseconds(what: str, samples: Samples) -> Figure:
    """Seconds as a figure in ms."""
    return Figure(what, "ms", samples.p50 * 1000, len(samples.values), samples.p99 * 1000, samples.warm_up)

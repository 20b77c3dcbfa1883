"""The vector of one query: ours, ours from the cache, and the bare model's, call by call."""

from __future__ import annotations

import asyncio

from bench.bare_model import BareModel, bare_model
from bench.bed import Bed
from bench.rows.search import milliseconds, uncached
from bench.table import Result, Row, Target
from bench.timing import interleave, seconds_of
from stack.embedding import load_encoder

QUERIES, WARM_UP = 100, 100
COMPUTED, CACHED = Target("≤", 5), Target("≤", 0.1)
# ONNX Runtime's threads spin for a moment after a call; without a pause the bare model's would take our cores.
PAUSE_S = 0.01
BASELINE = "SentenceTransformer.encode"


def measure(bed: Bed) -> Result:
    """Three rows: computed, the same as a ratio, and cached."""
    with bare_model(bed.settings) as bare:
        return asyncio.run(_measure(bed, bare))


async def _measure(bed: Bed, bare_one: BareModel) -> Result:
    computing, caching = load_encoder(uncached(bed.settings)), load_encoder(bed.settings)

    async def ours(query: str) -> float:
        return seconds_of(computing.encode_query, query)

    async def cached(query: str) -> float:
        return seconds_of(caching.encode_query, query)

    async def bare(query: str) -> float:
        return bare_one.encode([query], 1)

    queries = bed.queries(QUERIES)
    contenders = {"ours": ours, "cached": cached, "bare": bare}
    with bed.ticking("query embedding", len(queries) * bed.rounds) as tick:
        done = await interleave(
            contenders, queries, rounds=bed.rounds, warm_up=max(WARM_UP, len(queries)), pause_s=PAUSE_S, tick=tick
        )
    figures = {name: milliseconds(BASELINE if name == "bare" else name, samples) for name, samples in done.items()}
    ratio = done["ours"].p50 / done["bare"].p50
    return Result(
        [
            Row("query embedding, p50", figures["ours"], figures["bare"], figures["ours"].p50, "ms", COMPUTED),
            Row(
                "query embedding, ratio",
                figures["ours"],
                figures["bare"],
                ratio,
                "×",
                None,
                "the same ONNX file and threads",
            ),
            Row(
                "query embedding, cached, p50", figures["cached"], figures["bare"], figures["cached"].p50, "ms", CACHED
            ),
        ]
    )

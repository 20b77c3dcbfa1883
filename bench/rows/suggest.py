"""Suggestions inside the API: typed lines of which every fifth is mistyped, on what the index and the lexicon hold."""

from __future__ import annotations

import asyncio
import random

from api.bootstrap import build_searcher
from api.search import Searcher
from api.suggest.model import SUGGESTION_KINDS
from api.suggest.titles import titles_body
from bench.bed import Bed
from bench.rows.search import milliseconds
from bench.table import Result, Row, Target
from bench.timing import interleave, seconds_of_async

LINES, WARM_UP, LIMIT = 100, 100, 8
SEED = 11
TARGET = Target("≤", 10)
BASELINE = "bare prefix search of titles"


def measure(bed: Bed) -> Result:
    """One row: a whole suggestion, products and all, beside the one search that it sends."""
    bed.fill()
    return asyncio.run(_measure(bed))


async def _measure(bed: Bed) -> Result:
    async with build_searcher(bed.settings) as searcher:
        await searcher.suggester.renew()
        return await _rows(bed, searcher)


async def _rows(bed: Bed, searcher: Searcher) -> Result:
    late = 0

    async def ours(line: str) -> float:
        nonlocal late
        running = asyncio.ensure_future(searcher.suggest(line, LIMIT, SUGGESTION_KINDS))
        seconds = await seconds_of_async(running)
        late += running.result().late
        return seconds

    async def bare(line: str) -> float:
        body = titles_body(line, searcher.suggester.rules.titles.looked_at)
        return await seconds_of_async(searcher.client.search(index=bed.settings.alias("product"), body=body))

    lines = typed_lines(bed.queries(LINES))
    with bed.ticking("suggest", len(lines) * bed.rounds) as tick:
        done = await interleave({"ours": ours, "bare": bare}, lines, rounds=bed.rounds, warm_up=WARM_UP, tick=tick)
    completer = searcher.suggester.completer
    entries = 0 if completer is None else len(completer.index)
    note = f"{entries} entries in memory, every fifth line mistyped; {late} answers without their products, too late"
    figures = milliseconds("core.suggest", done["ours"]), milliseconds(BASELINE, done["bare"])
    return Result([Row("suggestion, p50", *figures, figures[0].p50, "ms", TARGET, note)])


def typed_lines(queries: list[str]) -> list[str]:
    """Each query as far as somebody has typed it, two letters at least; two letters of every fifth change places."""
    draw = random.Random(SEED)
    lines = [query[: draw.randint(2, max(2, len(query)))] for query in queries]
    return [_slipped(line) if place % 5 == 0 else line for place, line in enumerate(lines)]


def _slipped(line: str) -> str:
    return line if len(line) < 5 else line[:2] + line[3] + line[2] + line[4:]

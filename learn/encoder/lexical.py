"""What the lexical route finds on the live index: hard negatives to learn from, and the run to fuse with."""

from __future__ import annotations

from collections.abc import Sequence

from api.bootstrap import build_searcher
from learn.rankers import Ranker, rank
from stack.documents import Kind
from stack.settings import Settings

# Nothing may be dropped to keep a deadline.
PATIENCE_MS = 60_000


async def lexical_run(
    settings: Settings, queries: Sequence[str], kind: Kind, depth: int
) -> dict[str, list[tuple[str, float]]]:
    """Query → at most `depth` documents with the route's own scores, best first, through the production path.

    Raises as a live search does.
    """
    patient = settings.model_copy(update={"deadline_ms": PATIENCE_MS})
    found = {}
    async with build_searcher(patient) as searcher:
        for query in queries:
            row = (await rank(searcher, Ranker.BM25, query, kind, depth)).row[:depth]
            found[query] = [(item.id, item.routes["lexical"]) for item in row if "lexical" in item.routes]
    return found

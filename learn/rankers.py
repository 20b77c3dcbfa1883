"""The rankers that can be evaluated, each as the request that a live search would make."""

from __future__ import annotations

from enum import StrEnum

from api.model import MAX_QUERY, SearchRequest
from api.search import Ranking, Searcher
from stack.documents import Kind
from stack.errors import EngineUnavailableError


class Ranker(StrEnum):
    """`full` is whatever a live request gets; the others switch parts of it off."""

    BM25 = "bm25"
    VECTOR = "vector"
    HYBRID = "hybrid"
    FULL = "full"


def request_of(ranker: Ranker, query: str, kind: Kind) -> SearchRequest:
    """The search request of a ranker for one query."""
    live = SearchRequest(q=query[:MAX_QUERY], types=[kind])
    match ranker:
        case Ranker.BM25:
            return live.model_copy(update={"routes": ["lexical"]})
        case Ranker.VECTOR:
            return live.model_copy(update={"routes": ["vector"]})
        case Ranker.HYBRID:
            return live.model_copy(update={"routes": ["lexical", "vector"]})
        case Ranker.FULL:
            return live


async def run_ranker(
    searcher: Searcher, ranker: Ranker, queries: list[str], kind: Kind, depth: int
) -> dict[str, list[tuple[str, float]]]:
    """Rank each query through the production path → query: [(document, score)], best first, at most `depth`.

    Raises EngineUnavailableError when a search came back degraded: a figure from it would not be the ranker's.
    """
    run = {}
    for query in queries:
        ranking = await searcher.rank(request_of(ranker, query, kind), depth)
        if ranking.degraded:
            raise EngineUnavailableError(
                f"query {query!r}: dropped {', '.join(ranking.degraded)} to keep the deadline",
                "Raise SOUK_DEADLINE_MS, or run on a quieter machine",
            )
        run[query] = _scored(ranking, depth)
    return run


def _scored(ranking: Ranking, depth: int) -> list[tuple[str, float]]:
    """Scores that fall with the rank, as TREC tools want them: they sort by score and break ties by id."""
    row = ranking.row[:depth]
    return [(item.id, float(len(row) - place)) for place, item in enumerate(row)]

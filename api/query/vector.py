"""The vector route: approximate k nearest neighbours of the query's vector, filtered inside the graph search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stack.rules import VectorRules

# Over how many nearest neighbours a kind's fit to the query is taken (`ranking.affinities`).
NEAREST = 3


def vector_query(
    vector: Sequence[float], k: int, filters: Sequence[dict[str, Any]], rules: VectorRules
) -> dict[str, Any]:
    """The k-NN query for a unit vector `(d,)`. A larger `ef_search` finds more of the true neighbours."""
    knn: dict[str, Any] = {
        "vector": list(vector),
        "k": k,
        "method_parameters": {"ef_search": max(k, rules.ef_search)},
    }
    if filters:
        knn["filter"] = {"bool": {"filter": list(filters)}}
    return {"knn": {"text_vector": knn}}


def lucene_score(cosine: float) -> float:
    """The score that the lucene engine gives a cosine: (1 + cos) / 2 (k-NN plugin, space type `cosinesimil`)."""
    return (1 + cosine) / 2


def cosine_of(score: float) -> float:
    """The inverse of `lucene_score`."""
    return 2 * score - 1

"""What a cluster with the official plugins does itself: `hybrid` with a search pipeline, and `ids` + `sltr`.

LTR is a second request over the ids: a rescore beside `hybrid` runs on each sub-query, on the shard, before
normalisation, and so is no final ranking (docs/engine.md).
"""

from __future__ import annotations

from typing import Any

from api.query.filters import Clause


def hybrid_body(queries: list[dict[str, Any]], filters: list[Clause], window: int, pipeline: str) -> dict[str, Any]:
    """The body of one kind: all that two queries can find.

    `pagination_depth` is fixed: normalised scores would otherwise change with the page.
    """
    hybrid: dict[str, Any] = {"queries": queries, "pagination_depth": window}
    if filters:
        hybrid["filter"] = {"bool": {"filter": filters}}
    return {"size": 2 * window, "query": {"hybrid": hybrid}, "search_pipeline": pipeline}


def rescore_body(ids: list[str], model: str, params: dict[str, Any]) -> dict[str, Any]:
    """Rank `ids` by a model of the learning-to-rank plugin. Every parameter that the feature set declares is needed."""
    rescore = {
        "query_weight": 0,
        "rescore_query_weight": 1,
        "rescore_query": {"sltr": {"model": model, "params": params}},
    }
    return {
        "size": len(ids),
        "_source": False,
        "query": {"ids": {"values": ids}},
        "rescore": {"window_size": max(1, len(ids)), "query": rescore},
    }

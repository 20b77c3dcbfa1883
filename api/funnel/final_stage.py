"""The final stage: candidates → one feature request over their ids → feature matrix → model → order.

Portable and native clusters go the same way: the API has to compute the pool features in both. What the plugin would
be sent stands in `/v1/query` (docs/decisions/ranking.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.funnel.compile import named_queries
from api.funnel.feature_set import FeatureSet
from api.funnel.pool import COLUMNS, DATES, Pool
from api.funnel.signals import SIGNALS
from api.fuse import Candidate
from api.rooms import NO_ROOMS, Rooms
from stack.documents import Kind
from stack.errors import EngineError


@dataclass(frozen=True)
class Features:
    """What the final stage saw of n candidates: `values` (n, f) float32 in the order of `names`."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float32]


def feature_body(ids: Sequence[str], features: FeatureSet, params: Mapping[str, Any]) -> dict[str, Any]:
    """The request that reads named queries and columns of the candidates.

    In a filter the engine does not score the named clauses while it searches, only once, when it names what matched.
    """
    clauses = named_queries(features.of("engine"), params)
    wanted = {"terms": {"id": list(ids)}}
    columns = dict.fromkeys([*(feature.field for feature in features.of("field")), *COLUMNS[features.kind]])
    return {
        "size": len(ids),
        "track_total_hits": False,
        "include_named_queries_score": True,
        "sort": ["_doc"],
        "stored_fields": "_none_",
        "docvalue_fields": [
            "id",
            *({"field": name, "format": "epoch_millis"} if name in DATES else name for name in columns),
        ],
        "query": {"constant_score": {"filter": {"bool": {"filter": [wanted], "should": clauses}}}},
    }


# The feature that no model may outvote.
DECIDES = "model_exact"
FEATURE_PATHS = "took,timed_out,_shards.failed,hits.hits.matched_queries,hits.hits.fields"


def read_features(
    kind: Kind,
    candidates: Sequence[Candidate],
    response: Mapping[str, Any],
    features: FeatureSet,
    params: Mapping[str, Any],
    now: datetime,
    heartbeat_s: int,
    rooms: Rooms = NO_ROOMS,
) -> Features:
    """The feature matrix of the candidates. One that the engine did not give back is absent in all clauses.

    Raises EngineError that names the features with values which are no numbers: trees would go some way with them.
    """
    hits = {hit["fields"]["id"][0]: hit for hit in response.get("hits", {}).get("hits", []) if "id" in hit["fields"]}
    rows = [hits.get(item.id, {}) for item in candidates]
    pool = _pool(kind, candidates, rows, features, params, now, heartbeat_s, rooms)
    values = np.empty((len(candidates), len(features.features)), np.float32)
    for place, feature in enumerate(features.features):
        match feature.source:
            case "engine":
                values[:, place] = pool.scores(feature.name)
            case "field":
                with np.errstate(over="ignore"):  # what is too large for a float32 is found below
                    values[:, place] = _numbers(pool.column(str(feature.field)), feature.absent, feature.transform)
            case "pool":
                values[:, place] = SIGNALS[str(feature.pool)](pool)
            case "query":
                values[:, place] = params["query_features"][feature.query]
    wrong = [name for name, column in zip(features.names, values.T, strict=True) if not np.isfinite(column).all()]
    if wrong:
        raise EngineError(f"no number in feature {', '.join(wrong)} of {kind}s", "Correct mappings/features")
    return Features(pool.ids, features.names, values)


def _pool(
    kind: Kind,
    candidates: Sequence[Candidate],
    rows: Sequence[Mapping[str, Any]],
    features: FeatureSet,
    params: Mapping[str, Any],
    now: datetime,
    heartbeat_s: int,
    rooms: Rooms,
) -> Pool:
    matched = [row.get("matched_queries") or {} for row in rows]
    fields = [row.get("fields") or {} for row in rows]
    names = {*COLUMNS[kind], *(str(feature.field) for feature in features.of("field"))}
    return Pool(
        kind=kind,
        ids=tuple(item.id for item in candidates),
        fused=np.array([item.score for item in candidates]),
        lexical=np.array([item.routes.get("lexical", 0.0) for item in candidates]),
        vector=np.array([item.routes.get("vector", 0.0) for item in candidates]),
        engine=_scores([feature.name for feature in features.of("engine")], matched),
        columns={name: [_one(row.get(name), name) for row in fields] for name in names},
        query_vector=np.asarray(params["vector"], np.float32),
        now=now,
        heartbeat_s=heartbeat_s,
        rooms=rooms,
    )


def _scores(names: Sequence[str], matched: Sequence[Mapping[str, float]]) -> dict[str, NDArray[np.float64]]:
    """Each named query's scores (n,): 0 where a candidate did not match."""
    places = {name: place for place, name in enumerate(names)}
    found = np.zeros((len(names), len(matched)))
    for row, scores in enumerate(matched):
        for name, score in scores.items():
            found[places[name], row] = score
    return dict(zip(names, found, strict=True))


def _one(values: list[Any] | None, name: str) -> Any:
    """A column of several values stays a list only where all are needed."""
    return values if values is None or name == "category_path" else values[0]


def _numbers(column: Sequence[Any], absent: float, transform: str | None) -> NDArray[np.float64]:
    known = np.array([np.nan if value is None else float(value) for value in column])
    changed = np.log1p(known) if transform == "log1p" else known
    return np.where(np.isnan(changed), absent, changed)


def decided_first(scores: NDArray[np.float64], seen: Features) -> NDArray[np.float64]:
    """The scores, those of candidates with the very maker's number or GTIN of the query above all others.

    A model learns what shoppers of words prefer; judgments hardly have numbers. Without this rule the right product was
    first for none of 30 GTINs, with it for all (`souk eval checks`).
    """
    if DECIDES not in seen.names or not len(scores):
        return scores
    return scores + seen.values[:, seen.names.index(DECIDES)] * (np.ptp(scores) + 1)


def reordered(head: Sequence[Candidate], tail: Sequence[Candidate], scores: NDArray[np.float64]) -> list[Candidate]:
    """The head by the model's scores, best first (equal scores keep their order), and the tail behind it.

    A candidate takes over the fused score of the place that it comes to, so that what is measured in those scores (how
    far a kind's hits may fall behind its best, `blend.least`) means what it meant.
    """
    order = np.argsort(-scores, kind="stable").tolist()
    ranked = [(head[place], float(scores[place])) for place in order] + [(item, None) for item in tail]
    fused = sorted((item.score for item, _ in ranked), reverse=True)
    return [
        # Spelt out: `_replace` takes five times as long, and these are all candidates.
        Candidate(item.kind, item.id, score, item.routes, item.sort, item.behind, rank_score)
        for (item, rank_score), score in zip(ranked, fused, strict=True)
    ]

"""From what recall brought to one row: fuse each kind, put ended lives back, blend. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from api.answers import Recalled
from api.blend import blend, merge_sorted
from api.fuse import Candidate, Found, fuse
from api.query.plan import Plan
from api.query.vector import cosine_of
from stack.documents import Kind
from stack.rules import RankingRules

# Over how many nearest neighbours a kind's fit to the query is taken.
NEAREST = 3


def fuse_kinds(plan: Plan, recalled: Recalled, rules: RankingRules) -> dict[Kind, list[Candidate]]:
    """The candidates of each kind, best first."""
    return {kind: _in_order(plan, kind, routes, recalled, rules) for kind, routes in recalled.routes.items()}


def _in_order(
    plan: Plan, kind: Kind, routes: Mapping[str, Sequence[Found]], recalled: Recalled, rules: RankingRules
) -> list[Candidate]:
    if not plan.by_relevance:
        return [Candidate(kind, item.id, item.score, {}, item.sort) for item in routes.get("lexical", ())]
    candidates = fuse(kind, routes, plan.fusion, rules.fusion)
    return _ended_last(candidates, recalled.ended, rules.blend.ended_live_factor) if kind == "live" else candidates


def _ended_last(candidates: list[Candidate], ended: set[str], factor: float) -> list[Candidate]:
    weighed = [replace(item, score=item.score * factor) if item.id in ended else item for item in candidates]
    return sorted(weighed, key=lambda item: -item.score)


def make_row(plan: Plan, candidates: Mapping[Kind, Sequence[Candidate]], rules: RankingRules) -> list[Candidate]:
    """The mixed row, best first."""
    if not plan.by_relevance:
        return merge_sorted(candidates, plan.sort.order == "desc")
    return blend(candidates, affinities(candidates), rules.blend)


def affinities(candidates: Mapping[Kind, Sequence[Candidate]]) -> dict[Kind, float]:
    """How well each kind fits the query, 0 to 1: the mean cosine of its nearest neighbours, beside the best kind's.

    One encoder made all vectors, so cosines compare between kinds, which BM25 scores do not. Without vectors: 1 each.
    """
    nearest = {
        kind: sorted((cosine_of(item.routes["vector"]) for item in found if "vector" in item.routes), reverse=True)
        for kind, found in candidates.items()
    }
    if not any(nearest.values()):
        return dict.fromkeys(candidates, 1.0)
    means = {kind: sum(cosines[:NEAREST]) / NEAREST for kind, cosines in nearest.items()}
    best = max(means.values())
    return {kind: max(0.0, mean / best) if best > 0 else 0.0 for kind, mean in means.items()}

"""From what recall brought to one row: fuse each kind, put ended lives back, blend. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.answers import Recalled
from api.blend import blend, merge_sorted
from api.fuse import Candidate, Found, fuse
from api.query.plan import Plan
from api.query.vector import NEAREST, cosine_of
from stack.documents import Kind
from stack.rules import RankingRules


def fuse_kinds(plan: Plan, recalled: Recalled, rules: RankingRules) -> dict[Kind, list[Candidate]]:
    """The candidates of each kind, best first."""
    return {kind: _in_order(plan, kind, routes, recalled, rules) for kind, routes in recalled.routes.items()}


def _in_order(
    plan: Plan, kind: Kind, routes: Mapping[str, Sequence[Found]], recalled: Recalled, rules: RankingRules
) -> list[Candidate]:
    if not plan.by_relevance:
        return [Candidate(kind, item.id, item.score, {}, item.sort) for item in routes.get("lexical", ())]
    candidates = (
        _native(plan, kind, routes, rules) if "hybrid" in routes else fuse(kind, routes, plan.fusion, rules.fusion)
    )
    return _ended_last(candidates, recalled.ended, rules.blend.ended_live_factor) if kind == "live" else candidates


def _native(plan: Plan, kind: Kind, routes: Mapping[str, Sequence[Found]], rules: RankingRules) -> list[Candidate]:
    """The engine's own fusion, and behind it what the words alone found."""
    head = fuse(kind, {"hybrid": routes["hybrid"]}, plan.fusion, rules.fusion)
    seen = {item.id for item in head}
    return head + [
        Candidate(kind, item.id, 0.0, behind=True) for item in routes.get("lexical", ()) if item.id not in seen
    ]


def _ended_last(candidates: list[Candidate], ended: set[str], factor: float) -> list[Candidate]:
    weighed = [item._replace(score=item.score * factor) if item.id in ended else item for item in candidates]
    return sorted(weighed, key=lambda item: -item.score)


def make_row(
    plan: Plan, candidates: Mapping[Kind, Sequence[Candidate]], recalled: Recalled, rules: RankingRules
) -> list[Candidate]:
    """The mixed row, best first."""
    if not plan.by_relevance:
        return merge_sorted(candidates, plan.sort.order == "desc")
    return blend(candidates, affinities(recalled, rules.blend.words_fit), rules.blend)


def affinities(recalled: Recalled, words_fit: float) -> dict[Kind, float]:
    """How well each kind fits the query, 0 to 1: the mean cosine of its nearest neighbours, beside the best kind's.

    One encoder made all vectors, so cosines compare between kinds, which BM25 scores do not. A kind that has documents
    with the words fits `words_fit` at least: its document may be the one without a vector. Without vectors: 1 each.
    """
    nearest = {kind: _mean_cosine(found.get("vector", ())) for kind, found in recalled.routes.items()}
    best = max((mean for mean in nearest.values() if mean is not None), default=None)
    if best is None:
        return dict.fromkeys(nearest, 1.0)
    return {
        kind: max(
            mean / best if mean is not None and mean > 0 < best else 0.0,
            words_fit if kind in recalled.totals and recalled.totals[kind].value else 0.0,
        )
        for kind, mean in nearest.items()
    }


def _mean_cosine(found: Sequence[Found]) -> float | None:
    cosines = [cosine_of(item.score) for item in found[:NEAREST]]
    return sum(cosines) / len(cosines) if cosines else None

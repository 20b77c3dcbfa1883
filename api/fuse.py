"""Fusion: the routes of one kind → one list of candidates, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from api.model import Fusion
from stack.documents import Kind
from stack.rules import FusionRules


class Found(NamedTuple):
    """One document as one route returned it: its score there, and its sort values when the order is not relevance."""

    id: str
    score: float
    sort: tuple[float | str | None, ...] = ()


class Candidate(NamedTuple):
    """One document of a kind after fusion. `routes` are the raw scores of the routes that found it.

    `behind` says that it was found behind the window, where only deep pages look; `rank_score` is the final stage's.
    """

    kind: Kind
    id: str
    score: float
    routes: Mapping[str, float] = MappingProxyType({})
    sort: tuple[float | str | None, ...] = ()
    behind: bool = False
    rank_score: float | None = None


def fuse(kind: Kind, routes: Mapping[str, Sequence[Found]], fusion: Fusion, rules: FusionRules) -> list[Candidate]:
    """Fuse the first `rules.window[kind]` of each route; what a route found behind it follows in that route's order.

    With one route the list is that route's own, scores between 0 and 1.
    """
    window = rules.window[kind]
    heads = {name: list(found[:window]) for name, found in routes.items()}
    scores = _reciprocal_ranks(heads, rules) if fusion == "rrf" else _weighted_scores(heads, rules)
    # Of a candidate inside the window nothing from behind it: only deep pages look there, and pages must not differ.
    raw = {name: {item.id: item.score for item in found} for name, found in heads.items()}
    behind = {name: {item.id: item.score for item in found} for name, found in routes.items()}

    def candidate(id_: str, score: float, known: Mapping[str, Mapping[str, float]]) -> Candidate:
        return Candidate(kind, id_, score, {name: found[id_] for name, found in known.items() if id_ in found})

    def place(item: tuple[str, float]) -> tuple[float | str, ...]:
        """Best first; where fused scores tie (LEAST is given to many) by the raw scores, then by id."""
        return -item[1], *(-raw[name].get(item[0], 0.0) for name in sorted(raw)), item[0]

    head = [candidate(id_, score, raw) for id_, score in sorted(scores.items(), key=place)]
    tail = [item.id for found in routes.values() for item in found[window:] if item.id not in scores]
    return head + [candidate(id_, 0.0, behind)._replace(behind=True) for id_ in dict.fromkeys(tail)]


def _weighted_scores(heads: Mapping[str, list[Found]], rules: FusionRules) -> dict[str, float]:
    """Weighted mean of min-max normalised scores, as neural-search's normalization-processor does it.

    A document that a route did not find has 0 there. It beats RRF (Bruch et al. 2023, arXiv:2210.11934, and here:
    docs/decisions/lexical.md).
    """
    weights = {name: rules.weights.get(name, 1.0) if len(heads) > 1 else 1.0 for name in heads}
    total = sum(weights.values()) or 1.0
    scores: dict[str, float] = {}
    for name, found in heads.items():
        for id_, score in min_max(found).items():
            scores[id_] = scores.get(id_, 0.0) + weights[name] * score / total
    return scores


# neural-search gives the last document of a list this, so that it differs from one that was not found.
LEAST = 0.001


def min_max(found: Sequence[Found]) -> dict[str, float]:
    """Scores moved to (0, 1]: (s - min) / (max - min). All equal: 1 each."""
    if not found:
        return {}
    low, high = min(item.score for item in found), max(item.score for item in found)
    if high == low:
        return {item.id: 1.0 for item in found}
    return {item.id: max(LEAST, (item.score - low) / (high - low)) for item in found}


def _reciprocal_ranks(heads: Mapping[str, list[Found]], rules: FusionRules) -> dict[str, float]:
    """Σ 1 / (c + rank), rank from 1 (Cormack, Clarke & Büttcher 2009)."""
    scores: dict[str, float] = {}
    for found in heads.values():
        for rank, item in enumerate(found, start=1):
            scores[item.id] = scores.get(item.id, 0.0) + 1.0 / (rules.rank_constant + rank)
    return scores

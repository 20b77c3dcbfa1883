"""How alike two rows are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from api.funnel.rank import agreement

# Of the weight of RBO, 86% lies on the first ten.
PERSISTENCE = 0.9


def overlap(first: Sequence[str], second: Sequence[str], size: int) -> float:
    """The share of the first `size` that both have, 0 to 1; of the longer row when both are shorter. Empty rows: 1."""
    ours, theirs = set(first[:size]), set(second[:size])
    longest = max(len(ours), len(theirs))
    return len(ours & theirs) / longest if longest else 1.0


def kendall(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Kendall's τ over the ids that both rows have, -1 to 1. None for fewer than two."""
    places = {id_: place for place, id_ in enumerate(second)}
    shared = [(place, places[id_]) for place, id_ in enumerate(first) if id_ in places]
    if len(shared) < 2:
        return None
    ours, theirs = (np.array(each, dtype=np.float64) for each in zip(*shared, strict=True))
    return agreement(ours, theirs)


def rank_biased_overlap(first: Sequence[str], second: Sequence[str], persistence: float = PERSISTENCE) -> float:
    """Extrapolated rank-biased overlap of two rows without ties, 0 to 1: the top weighs most, and rows of different
    length compare. RBO_EXT, equation 32 of Webber, Moffat & Zobel 2010 (ACM TOIS 28(4), "A Similarity Measure for
    Indefinite Rankings"). Both empty: 1; one empty: 0.
    """
    short, long = sorted((list(first), list(second)), key=len)
    if not short:
        return 0.0 if long else 1.0
    shared: list[int] = []
    for depth in range(1, len(long) + 1):
        shared.append(len(set(short[:depth]) & set(long[:depth])))
    s, length, p = len(short), len(long), persistence
    seen = sum(shared[d - 1] / d * p**d for d in range(1, length + 1))
    beyond = sum(shared[s - 1] * (d - s) / (s * d) * p**d for d in range(s + 1, length + 1))
    tail = ((shared[length - 1] - shared[s - 1]) / length + shared[s - 1] / s) * p**length
    return (1 - p) / p * (seen + beyond) + tail

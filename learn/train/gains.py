"""nDCG@10 on arrays, for the inner loops of training; figures that are reported come from `learn/measures.py`.

The same definition as there: linear gains, unjudged documents count as 0, equal scores keep the order in which they
were served. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CUT = 10
DISCOUNTS = 1 / np.log2(np.arange(2, CUT + 2))

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Lists:
    """The candidates of some queries side by side. `places` (q, d) are rows of the log, -1 behind the last one."""

    places: Places
    gains: Floats
    ideal: Floats

    @classmethod
    def of(cls, rows: Sequence[Places], ratings: NDArray[np.float32], ideal: Sequence[float]) -> Lists:
        """From the rows of each query in the order they were served, ratings (n,) with NaN for unjudged, and the best
        DCG@10 that the judgments allow."""
        width = max([CUT, *map(len, rows)])
        places = np.full((len(rows), width), -1, np.int64)
        for query, mine in enumerate(rows):
            places[query, : len(mine)] = mine
        gains = np.where(places < 0, 0.0, np.nan_to_num(ratings, nan=0.0)[places])
        return cls(places, gains.astype(np.float64), np.asarray(ideal, np.float64))

    def ndcg(self, scores: Floats) -> Floats:
        """nDCG@10 of each query (q,) from scores of the whole log (n,)."""
        mine = np.where(self.places < 0, -np.inf, scores[self.places])
        top = np.argsort(-mine, axis=1, kind="stable")[:, :CUT]
        return np.asarray((np.take_along_axis(self.gains, top, axis=1) * DISCOUNTS).sum(axis=1) / self.ideal)


def ideal_dcg(ratings: Mapping[str, int]) -> float:
    """The DCG@10 of a query's judgments in their best order, those that were not recalled among them."""
    best = sorted(ratings.values(), reverse=True)[:CUT]
    return float((np.array(best, np.float64) * DISCOUNTS[: len(best)]).sum())

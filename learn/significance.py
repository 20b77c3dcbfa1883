"""Is one ranker better than another? Paired over the same queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 7


@dataclass(frozen=True)
class Comparison:
    """Mean difference (ours minus theirs), its 95% interval, and the p value of no difference."""

    difference: float
    low: float
    high: float
    p_value: float
    wins: int
    losses: int
    ties: int


def compare(ours: Mapping[str, float], theirs: Mapping[str, float]) -> Comparison:
    """Paired comparison over queries: a percentile bootstrap of the mean difference and a two-sided sign-flip
    permutation test, as Smucker, Allan & Carterette (CIKM 2007) advise for retrieval. Both with a fixed seed.

    Raises ValueError when the queries differ or there are fewer than two.
    """
    if set(ours) != set(theirs) or len(ours) < 2:
        raise ValueError("a paired comparison needs the same queries, two at least")
    differences = np.array([ours[query] - theirs[query] for query in ours])
    wins, losses = int((differences > 1e-9).sum()), int((differences < -1e-9).sum())
    low, high, p_value = _interval_and_p(differences)
    return Comparison(float(differences.mean()), low, high, p_value, wins, losses, len(differences) - wins - losses)


def _interval_and_p(differences: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    if np.ptp(differences) == 0:
        mean = float(differences.mean())
        return mean, mean, 1.0 if mean == 0 else 0.0
    from scipy import stats  # a second to load, and most commands that may compare do not

    interval = stats.bootstrap(
        (differences,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(SEED)
    ).confidence_interval
    flipped = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=RESAMPLES, rng=np.random.default_rng(SEED)
    )
    return float(interval.low), float(interval.high), float(flipped.pvalue)

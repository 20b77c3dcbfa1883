"""A mean over queries with its 95% interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

RESAMPLES = 10_000
SEED = 7


@dataclass(frozen=True)
class Interval:
    """A mean, and the bounds between which it lies in 95% of resamples."""

    mean: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Interval:
    """Percentile bootstrap over queries (Efron & Tibshirani 1993), seed fixed. Raises ValueError for no values."""
    if not values:
        raise ValueError("no values")
    sample = np.asarray(values, dtype=np.float64)
    mean = float(sample.mean())
    if len(sample) < 2 or np.ptp(sample) == 0:
        return Interval(mean, mean, mean)
    found = stats.bootstrap(
        (sample,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(SEED)
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))

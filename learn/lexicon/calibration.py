"""Calibration of the category classifier: how sure it says it is, against how often it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
STEPS = 20
SPOKEN = 0.2
SURE = 0.9

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Texts scored by a model that had not seen their products: `shares` (n, c) of all labels, `targets` (n,) the place
    of the right one, `folds` (n,), `short` (n,): is it like a query?
    """

    shares: Floats
    targets: NDArray[np.int64]
    folds: NDArray[np.int64]
    short: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Scored:
        """Some of them."""
        return Scored(self.shares[chosen], self.targets[chosen], self.folds[chosen], self.short[chosen])


def fit_calibration(scored: Scored, none: int | None, least: float, prior: float) -> tuple[Floats, Floats]:
    """Corners (k,), (k,) of the isotonic map from a label's share to how often it is right; over every label but `none`
    that a text gives at least `least`.
    """
    from sklearn.isotonic import IsotonicRegression

    right = np.zeros_like(scored.shares, dtype=bool)
    right[np.arange(len(scored.targets)), scored.targets] = True
    used = scored.shares >= least
    if none is not None:
        used[:, none] = False
    steps = np.linspace(0, 1, STEPS + 1)
    shares = np.concatenate([scored.shares[used], steps])
    rights = np.concatenate([right[used].astype(float), steps])
    weights = np.concatenate([np.ones(int(used.sum())), np.full(len(steps), prior or 1e-6)])
    map_ = IsotonicRegression(y_min=0, y_max=1).fit(shares, rights, sample_weight=weights)
    return np.asarray(map_.X_thresholds_, float), np.asarray(map_.y_thresholds_, float)


def figures(
    scored: Scored, measured: NDArray[np.bool_], none: int | None, least: float, prior: float
) -> dict[str, Any]:
    """Accuracy and calibration error of the texts `measured` (n,).

    Each fold is calibrated by the short texts of the others, so that nothing is measured on itself.
    """
    named = scored.shares.copy()
    if none is not None:
        named[:, none] = -1
    raw, right = named.max(axis=1), named.argmax(axis=1) == scored.targets
    sure = raw.copy()
    for fold in np.unique(scored.folds):
        others = scored.where((scored.folds != fold) & scored.short)
        mine = scored.folds == fold
        sure[mine] = np.interp(raw[mine], *fit_calibration(others, none, least, prior))
    inside = measured & (scored.targets != none)
    spoken, certain = measured & (sure >= SPOKEN), measured & (sure >= SURE)
    found = {
        "texts": int(measured.sum()),
        "accuracy": _mean((scored.shares.argmax(axis=1) == scored.targets)[measured]),
        "in_a_category": int(inside.sum()),
        "accuracy_in_a_category": _mean(right[inside]),
        "ece_before": calibration_error(raw[measured], right[measured]),
        "ece": calibration_error(sure[measured], right[measured]),
        f"from_{SPOKEN}": int(spoken.sum()),
        f"right_from_{SPOKEN}": _mean(right[spoken]),
        f"ece_before_from_{SPOKEN}": calibration_error(raw[spoken], right[spoken]),
        f"ece_from_{SPOKEN}": calibration_error(sure[spoken], right[spoken]),
        f"from_{SURE}": int(certain.sum()),
        f"right_from_{SURE}": _mean(right[certain]),
    }
    return {name: value if isinstance(value, int) else round(float(value), 4) for name, value in found.items()}


def calibration_error(shares: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: |how sure - how often right| by 15 bins of equal width, weighted by their texts."""
    if not len(shares):
        return 0.0
    bins = np.minimum((shares * BINS).astype(int), BINS - 1)
    gaps = [abs(shares[bins == each].mean() - right[bins == each].mean()) * (bins == each).sum() for each in set(bins)]
    return float(sum(gaps) / len(shares))


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0

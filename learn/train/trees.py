"""What a trainer gives: a grown model, able to score, and to score as it was after fewer rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Trees(Protocol):
    """A grown model."""

    @property
    def content(self) -> str:
        """The model as it is published."""

    def staged(self, values: NDArray[np.float32], step: int) -> Floats:
        """Scores of rows (n, f) after each `step` rounds (stages, n); of a model that is one booster."""

    def gains(self) -> dict[str, float]:
        """Feature → the gain of its splits as a share of all, largest first."""


def shares(names: Sequence[str], gains: Floats) -> dict[str, float]:
    """Gains divided by their sum, largest first; zeros when nothing was split."""
    total = float(gains.sum()) or 1.0
    return {names[place]: float(gains[place] / total) for place in np.argsort(-gains, kind="stable")}

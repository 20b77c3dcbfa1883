"""Trees of LightGBM."""

from __future__ import annotations

import re
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
END = "end of trees"


@dataclass(frozen=True)
class LightGBMTrees:
    """A booster, on one thread: requests are what runs in parallel."""

    booster: lgb.Booster

    @property
    def width(self) -> int:
        return int(self.booster.num_feature())

    def score(self, values: NDArray[np.float32]) -> Floats:
        return np.asarray(self.booster.predict(values, raw_score=True, num_threads=1))

    def contributions(self, values: NDArray[np.float32]) -> Floats:
        return np.asarray(self.booster.predict(values, pred_contrib=True, num_threads=1))


def parse(content: str) -> LightGBMTrees:
    """Raises ValueError when it is not the whole text of a model. LightGBM itself would take half of one."""
    _check_whole(content)
    try:
        return LightGBMTrees(lgb.Booster(model_str=content))
    except lgb.basic.LightGBMError as error:
        raise ValueError(str(error)) from error


def _check_whole(content: str) -> None:
    if not content.startswith("tree\n"):
        raise ValueError("is not a model of LightGBM")
    declared = re.search(r"^tree_sizes=(.*)$", content, flags=re.MULTILINE)
    found = content.find("\nTree=0\n") + 1
    end = content.find(END)
    if declared is None or end < 0:
        raise ValueError("is truncated")
    length = len(content[found:end].encode()) if found else 0
    if length != sum(map(int, declared[1].split())):
        raise ValueError("is truncated or was changed: its trees are not as long as it says")

"""Trees of XGBoost."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class XGBoostTrees:
    """A booster, on one thread: requests are what runs in parallel."""

    booster: xgb.Booster

    @property
    def width(self) -> int:
        return int(self.booster.num_features())

    def score(self, values: NDArray[np.float32]) -> Floats:
        margins = self.booster.inplace_predict(values, predict_type="margin", validate_features=False)
        return np.asarray(margins, np.float64)

    def contributions(self, values: NDArray[np.float32]) -> Floats:
        rows = xgb.DMatrix(values, feature_names=self.booster.feature_names, nthread=1)
        return np.asarray(self.booster.predict(rows, pred_contribs=True), np.float64)


def parse(content: str) -> XGBoostTrees:
    """Raises ValueError when it is not the whole JSON of a model. XGBoost itself would abort the process."""
    _check_whole(content)
    booster = xgb.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content.encode()))
    except xgb.core.XGBoostError as error:
        raise ValueError(f"is no model of XGBoost: {str(error).strip().splitlines()[-1][:120]}") from error
    return XGBoostTrees(booster)


def _check_whole(content: str) -> None:
    try:
        node = json.loads(content)
    except ValueError as error:
        raise ValueError(f"is truncated or no model of XGBoost: {error}") from error
    for name in ("learner", "gradient_booster", "model"):
        node = node.get(name) if isinstance(node, dict) else None
    if not isinstance(node, dict) or not {"trees", "tree_info", "gbtree_model_param"} <= node.keys():
        raise ValueError("is no model of XGBoost: it holds no trees")

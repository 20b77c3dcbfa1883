"""LambdaMART by XGBoost (Chen & Guestrin 2016), with linear gains as the figures have them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from learn.train.options import OBJECTIVES, Options
from learn.train.recipe import Recipe
from learn.train.sample import Sample
from learn.train.trees import Floats, shares

# Pairs of a query's top places with all others, as LightGBM's truncation makes them.
RANKING: dict[str, object] = {
    "ndcg_exp_gain": False,
    "lambdarank_pair_method": "topk",
    "lambdarank_num_pair_per_sample": 20,
}


@dataclass(frozen=True)
class XGBoostTrees:
    """A model of XGBoost."""

    booster: xgb.Booster

    @property
    def content(self) -> str:
        return bytes(self.booster.save_raw("json")).decode()

    def staged(self, values: NDArray[np.float32], step: int) -> Floats:
        rounds = self.booster.num_boosted_rounds()
        ends = [min(start + step, rounds) for start in range(0, rounds, step)]
        parts = [self._until(values, end) for end in ends] or [np.zeros(len(values))]
        return np.asarray(parts, np.float64)

    def _until(self, values: NDArray[np.float32], end: int) -> Floats:
        margins = self.booster.inplace_predict(
            values, iteration_range=(0, end), predict_type="margin", validate_features=False
        )
        return np.asarray(margins, np.float64)

    def gains(self) -> dict[str, float]:
        names = self.booster.feature_names or []
        found = self.booster.get_score(importance_type="total_gain")
        return shares(names, np.array([_number(found.get(name, 0.0)) for name in names]))


def boost(sample: Sample, names: Sequence[str], options: Options, recipe: Recipe, seed: int) -> XGBoostTrees:
    """One booster. `base_score` is 0, for the LTR plugin ignores any other."""
    objective = OBJECTIVES["xgboost"][options.objective]
    given: dict[str, object] = {"objective": objective, "base_score": 0.0, "seed": seed, "nthread": 1, "verbosity": 0}
    if any(constraints := options.constraints(names)):
        given["monotone_constraints"] = str(constraints)
    if objective.startswith("rank:"):
        given |= RANKING
    data = xgb.DMatrix(sample.values, sample.ratings, feature_names=list(names), nthread=1)
    data.set_group(sample.groups)
    return XGBoostTrees(xgb.train({**given, "tree_method": "hist", **recipe.parameters}, data, recipe.rounds))


def join(boosters: Sequence[XGBoostTrees]) -> XGBoostTrees:
    """One model whose score is the mean of theirs."""
    if len(boosters) == 1:
        return boosters[0]
    models = [json.loads(booster.content) for booster in boosters]
    trees = [_scaled(tree, 1 / len(models)) for model in models for tree in _gbtree(model)["trees"]]
    for place, tree in enumerate(trees):
        tree["id"] = place
    joined = _gbtree(models[0])
    joined["trees"] = trees
    joined["tree_info"] = [0] * len(trees)
    joined["iteration_indptr"] = list(range(len(trees) + 1))
    joined["gbtree_model_param"]["num_trees"] = str(len(trees))
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(bytearray(json.dumps(models[0]).encode()))
    return XGBoostTrees(booster)


def _gbtree(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = model["learner"]["gradient_booster"]["model"]
    return found


def _scaled(tree: dict[str, Any], factor: float) -> dict[str, Any]:
    """Leaves hold their value where inner nodes hold their threshold; `base_weights` holds it for both."""
    tree["base_weights"] = [value * factor for value in tree["base_weights"]]
    tree["split_conditions"] = [
        value * factor if left == -1 else value
        for value, left in zip(tree["split_conditions"], tree["left_children"], strict=True)
    ]
    return tree


def _number(value: float | list[float]) -> float:
    return float(value[0] if isinstance(value, list) else value)

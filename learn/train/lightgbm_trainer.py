"""LambdaMART by LightGBM (Ke et al. 2017; Burges 2010), with linear gains as the figures have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from learn.train.gains import CUT
from learn.train.options import OBJECTIVES, Options
from learn.train.recipe import Recipe
from learn.train.sample import Sample
from learn.train.trees import Floats, shares

# Averaging is over the values of leaves, and of inner nodes, which contributions are read from.
SCALED = ("leaf_value=", "internal_value=")
DETERMINISTIC = {"num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1}


@dataclass(frozen=True)
class LightGBMTrees:
    """A model of LightGBM."""

    booster: lgb.Booster

    @property
    def content(self) -> str:
        return str(self.booster.model_to_string())

    def staged(self, values: NDArray[np.float32], step: int) -> Floats:
        starts = range(0, self.booster.num_trees(), step)
        parts = [self._part(values, start, step) for start in starts] or [np.zeros(len(values))]
        return np.asarray(np.cumsum(parts, axis=0))

    def _part(self, values: NDArray[np.float32], start: int, count: int) -> Floats:
        return np.asarray(
            self.booster.predict(values, start_iteration=start, num_iteration=count, raw_score=True, num_threads=1)
        )

    def gains(self) -> dict[str, float]:
        return shares(self.booster.feature_name(), self.booster.feature_importance("gain").astype(np.float64))


def boost(sample: Sample, names: Sequence[str], options: Options, recipe: Recipe, seed: int) -> LightGBMTrees:
    """One booster."""
    parameters = _parameters(options, recipe, seed, names, int(sample.ratings.max()))
    data = lgb.Dataset(sample.values, sample.ratings, group=sample.groups, feature_name=list(names), params=parameters)
    return LightGBMTrees(lgb.train(parameters, data, recipe.rounds))


def _parameters(options: Options, recipe: Recipe, seed: int, names: Sequence[str], highest: int) -> dict[str, object]:
    constraints = options.constraints(names)
    given: dict[str, object] = {
        "objective": OBJECTIVES["lightgbm"][options.objective],
        "metric": "None",
        "seed": seed,
        "bagging_freq": 1,
        "label_gain": list(range(max(highest, 1) + 1)),
        "eval_at": CUT,
        "feature_pre_filter": False,
    }
    if any(constraints):
        # The default method forbids too much below a constrained split (LightGBM's documentation of this parameter).
        given |= {"monotone_constraints": list(constraints), "monotone_constraints_method": "intermediate"}
    return given | DETERMINISTIC | recipe.parameters


def join(boosters: Sequence[LightGBMTrees]) -> LightGBMTrees:
    """One model whose score is the mean of theirs."""
    if len(boosters) == 1:
        return boosters[0]
    texts = [booster.content for booster in boosters]
    blocks = [block for text in texts for block in _blocks(text)]
    trees = [_renumbered(_scaled(block, 1 / len(boosters)), place) for place, block in enumerate(blocks)]
    head = texts[0][: texts[0].index("Tree=")] if blocks else texts[0]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    head = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", head, flags=re.MULTILINE)
    text = f"{head}{''.join(trees)}end of trees\n\npandas_categorical:null\n"
    return LightGBMTrees(lgb.Booster(model_str=text))


def _blocks(text: str) -> list[str]:
    """The trees of a model's text, each with the blank lines behind it, which count in `tree_sizes`."""
    trees = text[: text.index("end of trees")]
    return [f"Tree={block}" for block in trees.split("Tree=")[1:]]


def _renumbered(block: str, place: int) -> str:
    return re.sub(r"^Tree=\d+", f"Tree={place}", block)


def _scaled(block: str, factor: float) -> str:
    return "\n".join(_scaled_line(line, factor) if line.startswith(SCALED) else line for line in block.split("\n"))


def _scaled_line(line: str, factor: float) -> str:
    name, _, numbers = line.partition("=")
    return f"{name}={' '.join(repr(float(number) * factor) for number in numbers.split())}"

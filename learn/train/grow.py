"""Growing trees: one function, two trainers, one text of a model.

Both average the boosters of several seeds and samples ("bags"), by putting their trees side by side with leaves divided
by their number: one booster over a hundred queries follows its sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learn.train.data import Log
from learn.train.options import Options
from learn.train.recipe import Recipe
from learn.train.sample import sample_rows
from learn.train.trees import Trees


def grow(log: Log, queries: Sequence[str], options: Options, recipe: Recipe) -> Trees:
    """Train on these queries.

    Deterministic: one thread, fixed seeds. Raises InputError when none of the queries has a relevant document.
    """
    from learn.train import lightgbm_trainer, xgboost_trainer  # half a second each: only what is asked for is used

    seeds = [recipe.seed * 1_000 + bag for bag in range(recipe.bags)]
    samples = [sample_rows(log, queries, options.unjudged, np.random.default_rng(seed)) for seed in seeds]
    drawn = list(zip(samples, seeds, strict=True))
    if options.trainer == "lightgbm":
        return lightgbm_trainer.join(
            [lightgbm_trainer.boost(sample, log.names, options, recipe, seed) for sample, seed in drawn]
        )
    return xgboost_trainer.join(
        [xgboost_trainer.boost(sample, log.names, options, recipe, seed) for sample, seed in drawn]
    )

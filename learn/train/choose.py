"""How many rounds, and how much of the first stage's score: chosen on folds inside the training queries.

One fold's own curve over some fifteen queries is noise. So each inner fold is scored by a booster that never saw it,
after every few rounds; the mean over all training queries is one table, rounds × blend, smoothed over neighbours, and
its highest cell is taken (of equal ones the fewest rounds and the most of the first stage).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from learn.train.data import Log
from learn.train.folds import families
from learn.train.grow import grow
from learn.train.options import Options, Parameters
from learn.train.recipe import Recipe
from stack.errors import InputError, Mistake

Floats = NDArray[np.float64]
SMOOTHED = 3


@dataclass(frozen=True)
class Choice:
    """`ndcg` is the smoothed inner nDCG@10 that it was chosen for: higher than what a new query will get."""

    parameters: Parameters
    rounds: int
    blend: float
    ndcg: float


def choose(log: Log, queries: Sequence[str], options: Options, parameters: Parameters) -> Choice:
    """The best rounds and blend of one set of parameters. Raises InputError with fewer than two families of queries."""
    scores = _staged_scores(log, queries, options, parameters)
    lists, fused = log.lists(queries), log.fused
    table = np.array([[lists.ndcg(stage + weight * fused).mean() for weight in options.blend] for stage in scores])
    smooth = uniform_filter(table, size=SMOOTHED, mode="nearest")
    best = np.argwhere(smooth >= smooth.max() - 1e-12)
    stage, weight = min(best.tolist(), key=lambda cell: (cell[0], -cell[1]))
    rounds = min((stage + 1) * options.round_step, options.max_rounds)
    return Choice(parameters, rounds, options.blend[weight], float(smooth[stage, weight]))


def _staged_scores(log: Log, queries: Sequence[str], options: Options, parameters: Parameters) -> Floats:
    """Out-of-fold scores after each step of rounds (stages, n); rows of other queries stay 0."""
    stages = -(-options.max_rounds // options.round_step)
    scores = np.zeros((stages, len(log.frame.docs)))
    recipe = Recipe(parameters, options.max_rounds, 1, options.seed)
    able = log.answerable(queries)
    for held_out in log.folds(able, _inner_folds(log, able, options), options.seed):
        rest = [query for query in able if query not in held_out]
        rows = log.places(held_out)
        found = grow(log, rest, options, recipe).staged(log.frame.values[rows], options.round_step)
        # A booster that found nothing more to split has fewer rounds: it stays as it is.
        scores[:, rows] = found[np.minimum(np.arange(stages), len(found) - 1)]
    return scores


def _inner_folds(log: Log, able: Sequence[str], options: Options) -> int:
    count = min(options.inner_folds, len(families(able, log.relevant)))
    if count < 2:
        what = f"only {count} family of queries with a relevant document to learn from, two are needed"
        raise InputError([Mistake("features", what)], "Judge more queries")
    return count

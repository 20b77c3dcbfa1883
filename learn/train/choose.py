"""How many rounds, and how much of the first stage's score: chosen on folds inside the training queries.

One fold's own curve over some fifteen queries is noise. So each inner fold is scored by a booster that never saw it,
after every few rounds, and the mean over all training queries makes one table, rounds × blend. Even that is noise near
its top: what `training.yml` declares is kept unless the highest cell, smoothed over its neighbours, is better by more
than two standard errors of the paired difference (after the one-standard-error rule of Breiman et al. 1984; one was
too few here: mappings/ranking/training.yml).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
STANDARD_ERRORS = 2.0


@dataclass(frozen=True)
class Choice:
    """`inner` is nDCG@10 of each training query, out of inner fold: what was chosen for is a little too high."""

    parameters: Parameters
    rounds: int
    blend: float
    inner: Floats = field(compare=False)

    @property
    def ndcg(self) -> float:
        return float(self.inner.mean())


def choose(log: Log, queries: Sequence[str], options: Options, parameters: Parameters) -> Choice:
    """The best rounds and blend of one set of parameters. Raises InputError with fewer than two families of queries."""
    scores = _staged_scores(log, queries, options, parameters)
    lists, fused = log.lists(queries), log.fused
    weights = (options.start.blend, *options.blend)
    table = np.array([[lists.ndcg(stage + weight * fused) for weight in weights] for stage in scores])
    declared = ((options.start.rounds - 1) // options.round_step, 0)
    stage, weight = declared if not clearly_better(table[best := _highest(table)], table[declared]) else best
    rounds = min((stage + 1) * options.round_step, options.max_rounds)
    return Choice(parameters, rounds, weights[weight], table[stage, weight])


def clearly_better(ours: Floats, theirs: Floats) -> bool:
    """Is the mean over queries higher by more than two standard errors of the paired differences?"""
    differences = ours - theirs
    if len(differences) < 2:
        return False
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return bool(differences.mean() > STANDARD_ERRORS * error)


def _highest(table: Floats) -> tuple[int, int]:
    """The cell (stage, weight) of a table (stages, weights, queries) whose smoothed mean is highest; of equal ones the
    fewest rounds. The first weight is the declared one: it stands beside no neighbour."""
    smooth = uniform_filter(table[:, 1:].mean(axis=2), size=SMOOTHED, mode="nearest")
    stage, weight = np.unravel_index(int(smooth.argmax()), smooth.shape)
    return int(stage), int(weight) + 1


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

"""Cross-validation by query: each query is ranked by a model that saw neither it nor one like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from api.funnel.model import RankModel
from learn.measures import PerQuery, means, measure
from learn.significance import Comparison, compare
from learn.train.data import Log
from learn.train.fit import TrainedModel, train
from learn.train.options import Options

NDCG = "nDCG@10"


@dataclass(frozen=True)
class Fold:
    """Queries that were held out, and the model that was trained without them."""

    queries: tuple[str, ...]
    trained: TrainedModel

    @property
    def model(self) -> RankModel:
        return self.trained.model


@dataclass(frozen=True)
class CrossValidation:
    """`scores` (n,): each row of the log by the model of its query's fold."""

    log: Log
    folds: tuple[Fold, ...]
    scores: NDArray[np.float64]

    @cached_property
    def values(self) -> dict[str, PerQuery]:
        """Measure → query → value of the models' order."""
        return measure(self.log.run(self.scores), self.log.judgments)

    @cached_property
    def before(self) -> dict[str, PerQuery]:
        """The same of the first stage's order."""
        return measure(self.log.run(self.log.fused), self.log.judgments)

    @property
    def means(self) -> dict[str, float]:
        return means(self.values)

    @property
    def metrics(self) -> dict[str, float]:
        """For `about.json`: the means, out of fold, and what the first stage has on the same queries."""
        first = {f"first stage {name}": value for name, value in means(self.before).items()}
        return {name: round(value, 4) for name, value in (self.means | first).items()}

    @cached_property
    def comparison(self) -> Comparison:
        """nDCG@10 of the models against the first stage, paired by query. ValueError with fewer than two queries."""
        return compare(self.values[NDCG], self.before[NDCG])

    def fold_mean(self, fold: Fold, values: dict[str, PerQuery], name: str = NDCG) -> float:
        """The mean of a measure over the queries of one fold that have a relevant document."""
        return float(np.mean([values[name][query] for query in self.log.answerable(fold.queries)]))

    @property
    def importance(self) -> dict[str, float]:
        """Feature → its share of the gain of all splits, mean over the folds' models, largest first."""
        found = [fold.trained.trees.gains() for fold in self.folds]
        mean = {name: sum(gains.get(name, 0.0) for gains in found) / len(found) for name in self.log.names}
        return dict(sorted(mean.items(), key=lambda item: -item[1]))


def cross_validate(log: Log, options: Options, tick: Callable[[], object] = lambda: None) -> CrossValidation:
    """Train and score fold by fold: in each, parameters, rounds and blend are chosen anew on its training queries.

    `tick` is called after each set of parameters. Raises InputError when there are fewer families than folds.
    """
    queries = list(log.judgments.ratings)
    scores = np.zeros(len(log.frame.docs))
    folds = []
    for held_out in log.folds(queries, options.folds, options.seed):
        trained = train(log, options, [query for query in queries if query not in held_out], tick)
        rows = log.places(held_out)
        scores[rows] = trained.model.score(log.frame.values[rows])
        folds.append(Fold(held_out, trained))
    return CrossValidation(log, tuple(folds), scores)

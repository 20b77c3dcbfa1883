"""What each group of features is worth: the same cross-validation without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from learn.measures import means
from learn.significance import Comparison, compare
from learn.train.crossval import NDCG, CrossValidation, cross_validate
from learn.train.options import Options


@dataclass(frozen=True)
class Ablation:
    """A group of features and nDCG@10 without it; `comparison` is of the whole set against that."""

    group: str
    features: tuple[str, ...]
    ndcg: float
    comparison: Comparison


def ablate(
    whole: CrossValidation,
    options: Options,
    groups: Mapping[str, Sequence[str]],
    tick: Callable[[], object] = lambda: None,
) -> list[Ablation]:
    """Cross-validate without each group, with the declared parameters, most missed first. `fused` is never left out.

    The whole set must have been cross-validated with the same options, or the difference would be of two things.
    """
    found = []
    for group, features in groups.items():
        without = cross_validate(whole.log.without(features), options, tick)
        comparison = compare(whole.values[NDCG], without.values[NDCG])
        found.append(Ablation(group, tuple(features), means(without.values)[NDCG], comparison))
    return sorted(found, key=lambda each: -each.comparison.difference)

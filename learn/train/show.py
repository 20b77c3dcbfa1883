"""Tables and sentences of a training run, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from learn.measures import COLUMNS, JUDGED_ONLY, means
from learn.report import describe
from learn.train.ablate import Ablation
from learn.train.crossval import NDCG, CrossValidation
from learn.train.data import Log, constant_features
from learn.train.fit import TrainedModel

TOP = 15


def notes(log: Log) -> list[str]:
    """What the figures are over, and what is wrong with the log without making it useless."""
    queries = list(log.judgments.ratings)
    able = log.answerable(queries)
    lines = [
        f"{len(log.frame.docs):,} rows of {len(log.rows)} queries, {len(log.names)} features ({log.frame.set_hash}).",
        f"{len(able)} of {len(queries)} judged queries have a relevant document; the others teach nothing and are in "
        "no figure.",
    ]
    if unlogged := [query for query in able if query not in log.rows]:
        lines.append(f"{len(unlogged)} of them are not in the log and count as 0: {', '.join(unlogged[:10])}.")
    if log.missed:
        worst = sorted(log.missed, key=lambda query: -log.missed[query])[:5]
        named = ", ".join(f"{query} ({log.missed[query]})" for query in worst)
        lines.append(f"{sum(log.missed.values())} relevant documents were not recalled and lower the figures: {named}.")
    if constant := constant_features(log.frame):
        lines.append(f"{len(constant)} features have one value everywhere and cannot help: {', '.join(constant)}.")
    return lines


def figures(found: CrossValidation, console: Console) -> None:
    """The means, the folds, and the features that the models split on most."""
    table = Table("cross-validated", *COLUMNS, box=None)
    for name, values in (("before: first stage", found.before), ("the models", found.values)):
        table.add_row(name, *(f"{means(values)[column]:.4f}" for column in COLUMNS))
    console.print(table)
    console.print(describe(found.comparison, "the models", "the first stage"), highlight=False)
    console.print(_folds(found))
    console.print(_importance(found))


def _folds(found: CrossValidation) -> Table:
    table = Table("fold", "queries", f"before {NDCG}", NDCG, JUDGED_ONLY, "rounds", "blend", box=None)
    for number, fold in enumerate(found.folds, start=1):
        chosen = fold.trained.choice
        means_ = (found.fold_mean(fold, found.before), found.fold_mean(fold, found.values))
        judged = found.fold_mean(fold, found.values, JUDGED_ONLY)
        figures_ = [f"{value:.4f}" for value in (*means_, judged)]
        size = len(found.log.answerable(fold.queries))
        table.add_row(str(number), str(size), *figures_, str(chosen.rounds), f"{chosen.blend:g}")
    return table


def _importance(found: CrossValidation) -> Table:
    table = Table("feature", "share of gain", box=None)
    for name, share in list(found.importance.items())[:TOP]:
        table.add_row(name, f"{share:.3f}")
    return table


def ablation(found: Sequence[Ablation], console: Console) -> None:
    """What nDCG@10 is without each group."""
    table = Table("without", "features", NDCG, "the whole set against that", "95%", "p", box=None)
    for each in found:
        compared = each.comparison
        interval = f"{compared.low:+.4f} to {compared.high:+.4f}"
        difference = f"{compared.difference:+.4f}"
        size = str(len(each.features))
        table.add_row(each.group, size, f"{each.ndcg:.4f}", difference, interval, f"{compared.p_value:.3f}")
    console.print(table)


def choice(trained: TrainedModel) -> str:
    """`lightgbm lambdarank, 60 rounds × 4, blend 0.5`"""
    options, chosen = trained.options, trained.choice
    return f"{options.trainer} {options.objective}, {chosen.rounds} rounds × {options.bags}, blend {chosen.blend:g}"

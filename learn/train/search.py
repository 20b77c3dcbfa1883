"""A small search over parameters, inside the training queries: what is tested on is never looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from learn.train.choose import Choice, choose, clearly_better
from learn.train.data import Log
from learn.train.options import Options, Parameters, Range

Tick = Callable[[], object]


def search(log: Log, queries: Sequence[str], options: Options, tick: Tick = lambda: None) -> Choice:
    """The best of `options.trials` sets of parameters by TPE (Bergstra et al. 2011) where it is clearly better than the
    declared set, else that. The same seed finds the same.

    The best of twenty over eighty queries is partly luck, and luck does not go over to other queries.
    """
    found = [choose(log, queries, options, options.defaults)]
    tick()
    if options.trials == 0:
        return found[0]
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def trial(drawn: optuna.Trial) -> float:
        found.append(choose(log, queries, options, {**options.defaults, **_drawn(drawn, options)}))
        tick()
        return found[-1].ndcg

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=options.seed))
    study.optimize(trial, n_trials=options.trials)
    best = max(found, key=lambda choice: choice.ndcg)
    return best if clearly_better(best.inner, found[0].inner) else found[0]


def _drawn(trial: object, options: Options) -> Parameters:
    return {name: _draw(trial, name, allowed) for name, allowed in options.search[options.trainer].items()}


def _draw(trial: object, name: str, allowed: Range) -> int | float:
    import optuna

    assert isinstance(trial, optuna.Trial)
    low, high = allowed.range
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(name, low, high, log=allowed.log)
    return trial.suggest_float(name, low, high, log=allowed.log)

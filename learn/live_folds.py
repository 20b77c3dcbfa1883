"""`souk eval --cross-validate`: log the features of the judged queries, train a model for each fold, rank live with it.

judgments → learn/feature_log.py → learn/train/crossval.py → a model a fold → learn/rankers.py: run_folds
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from api.search import Searcher
from learn.evaluate import MakeFolds
from learn.feature_log import log_features
from learn.judgments import Judgments
from learn.rankers import Advance
from learn.train.counting import counting
from learn.train.crossval import Fold, cross_validate
from learn.train.data import read_log
from learn.train.declared import monotone_of
from learn.train.options import load_options
from stack.documents import Kind


def live_folds(mappings_dir: Path, advance: Advance, trials: int | None = None) -> MakeFolds:
    """How the folds are made. `trials` are the sets of parameters tried in each; None: those of training.yml."""

    async def make(searcher: Searcher, judgments: Judgments, kind: Kind) -> tuple[Fold, ...]:
        logged = await log_features(searcher, judgments, kind, advance)
        log = read_log(logged.frame, judgments, "the live feature log")
        monotone = monotone_of(searcher.serving.features[kind], log.frame)
        options = load_options(mappings_dir, trials=trials, monotone=monotone)
        tick = counting(advance, "training the folds", (options.trials + 1) * options.folds)
        validated = await asyncio.to_thread(cross_validate, log, options, tick)
        return validated.folds

    return make

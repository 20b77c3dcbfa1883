"""One model from a log: search, then grow on all training queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.funnel.model import FILES, RankModel
from learn.train.choose import Choice
from learn.train.data import Log
from learn.train.grow import grow
from learn.train.options import Options
from learn.train.recipe import Recipe
from learn.train.search import Tick, search
from learn.train.trees import Trees
from stack.published import ABOUT


@dataclass(frozen=True)
class TrainedModel:
    """A model and how it came about."""

    log: Log
    options: Options
    choice: Choice
    trees: Trees

    @property
    def about(self) -> dict[str, Any]:
        """What serving must know of it (api/funnel/model.py), and what a reader wants to."""
        return {
            "kind": self.log.frame.kind,
            "trainer": self.options.trainer,
            "objective": self.options.objective,
            "feature_names": list(self.log.names),
            "feature_set": self.log.frame.set_hash,
            "blend": self.choice.blend,
            "rounds": self.choice.rounds,
            "bags": self.options.bags,
            "parameters": self.choice.parameters,
            "monotone": self.options.monotone,
            "unjudged": self.options.unjudged,
            "seed": self.options.seed,
            "model_sha256": hashlib.sha256(self.trees.content.encode()).hexdigest(),
            "data_hash": self.log.frame.data_hash,
            "judgments": list(self.log.judgments.files),
            "queries": len(self.log.answerable(list(self.log.rows))),
            "souk": version("souk"),
        }

    @cached_property
    def model(self) -> RankModel:
        """As it will serve."""
        return RankModel.of(self.trees.content, self.about)

    def write(self, folder: Path, metrics: dict[str, float], created_at: datetime) -> None:
        """Write the model and `about.json`, ready for `souk model publish`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILES[self.options.trainer]).write_text(self.trees.content, encoding="utf-8")
        about = self.about | {"metrics": metrics, "created_at": created_at.isoformat(timespec="seconds")}
        (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def train(log: Log, options: Options, queries: Sequence[str] | None = None, tick: Tick = lambda: None) -> TrainedModel:
    """Search parameters, rounds and blend inside `queries` (all when None), then train on all of them.

    `tick` is called after each of `options.trials + 1` sets of parameters. Raises InputError when there is too little
    to learn from.
    """
    taught = list(log.rows) if queries is None else list(queries)
    found = search(log, taught, options, tick)
    recipe = Recipe(found.parameters, found.rounds, options.bags, options.seed)
    return TrainedModel(log, options, found, grow(log, taught, options, recipe))

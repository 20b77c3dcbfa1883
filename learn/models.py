"""Ranking models on their shelves: `rank-<kind>` serves, `rank-<kind>-shadow` scores beside and changes no order."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from api.funnel.model import FILES, RankModel
from api.serving import SHADOW, rank_shelf
from learn.measures import PerQuery, measure
from learn.significance import Comparison, compare
from learn.train.data import Log
from stack.errors import ConfigError, InputError, Mistake, NotFoundError
from stack.published import ABOUT, Shelf, Version


@dataclass(frozen=True)
class Published:
    """A model that is current now."""

    shelf: str
    version: Version
    model: RankModel

    @property
    def content(self) -> str:
        """The text of its trees."""
        return (self.version.folder / FILES[str(self.model.about["trainer"])]).read_text(encoding="utf-8")

    @property
    def summary(self) -> str:
        """`lightgbm, 42 features of set 1a2b3c, nDCG@10 0.8700`"""
        about = self.model.about
        ndcg = about.get("metrics", {}).get("nDCG@10")
        parts = [str(about["trainer"]), f"{len(self.model.names)} features of set {self.model.set_hash}"]
        return ", ".join(parts + ([f"cross-validated nDCG@10 {ndcg:.4f}"] if ndcg is not None else []))


def shelf_of(root: Path, kind: str, shadow: bool = False) -> Shelf:
    """Where the models of a document type stand."""
    return Shelf(root, rank_shelf(kind) + (SHADOW if shadow else ""))


def publish(root: Path, folder: Path, shadow: bool, name: str | None, now: datetime) -> Published:
    """Put the model of a folder on its shelf and make it current. It is loaded first: what does not load is not
    published. Raises NotFoundError, ConfigError.
    """
    about = read_about(folder)
    model = RankModel.read(folder, about, str(folder))
    version = name or f"{now:%Y%m%d-%H%M%S}-{str(about.get('model_sha256', ''))[:6] or 'model'}"
    shelf = shelf_of(root, model.kind, shadow)
    with shelf.publishing(version, about) as target:
        shutil.copyfile(folder / FILES[str(about["trainer"])], target / FILES[str(about["trainer"])])
    placed = shelf.get(version)
    return Published(shelf.name, placed, RankModel.load(placed))


def read_about(folder: Path) -> dict[str, Any]:
    """The `about.json` of a folder that `souk train` wrote. Raises NotFoundError, or ConfigError when it is broken."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFoundError(f"{folder} holds no model: {error}", "Name the folder that souk train wrote") from error
    except ValueError as error:
        raise ConfigError(f"{folder / ABOUT}: {error}", "Train again") from error
    if not isinstance(about, dict):
        raise ConfigError(f"{folder / ABOUT}: is not a table", "Train again")
    return about


def rollback(shelf: Shelf, version: str | None) -> tuple[str | None, str]:
    """Make `version` current, or the one that was published before the current one. Returns (before, now).

    Raises NotFoundError when there is none to go back to.
    """
    was, names = shelf.current(), shelf.names()  # by name: a version that cannot be read must not stand in the way
    if version is None:
        place = names.index(was) if was in names else len(names)
        if place == 0:
            raise NotFoundError(
                f"{shelf.name} has no version before {was or 'any other'}",
                f"There is: {', '.join(names) or 'none'}",
            )
        version = names[place - 1]
    shelf.make_current(version)
    return was, version


def find_model(root: Path, kind: str, name: str) -> RankModel:
    """A model by the name of its version, or by its folder. Raises NotFoundError, ConfigError."""
    if (Path(name) / ABOUT).is_file():
        return RankModel.read(Path(name), read_about(Path(name)), name)
    return RankModel.load(shelf_of(root, kind).get(name))


def compare_models(
    log: Log, first: RankModel, second: RankModel
) -> tuple[tuple[dict[str, PerQuery], dict[str, PerQuery]], Comparison]:
    """The measures of both over the same candidates, and nDCG@10 compared by query.

    Raises ConfigError when one is of another feature set, InputError with fewer than two queries to compare on.
    """
    for model in (first, second):
        model.check(log.names, log.frame.set_hash)
    ours, theirs = (measure(log.run(model.score(log.frame.values)), log.judgments) for model in (first, second))
    if len(ours["nDCG@10"]) < 2:
        raise InputError([Mistake("features", "a comparison needs two queries with a relevant document")])
    return (ours, theirs), compare(ours["nDCG@10"], theirs["nDCG@10"])

"""Tiny ranking models of the declared feature sets, published as `souk model publish` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import lightgbm as lgb
import numpy as np

from api.funnel.feature_set import FeatureSet
from api.funnel.model import RankModel
from api.search import Searcher
from stack.documents import KINDS, Kind
from stack.published import Shelf, Watched


@cache
def trees(width: int, place: int, sign: float) -> str:
    """A LightGBM model of `width` features whose score rises (sign 1) or falls (-1) with the one at `place`, 0 to 1."""
    rows = np.random.default_rng(4).random((600, width))
    rows[:, place] = np.linspace(0, 1, 600)
    options = {"objective": "regression", "num_leaves": 31, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    return lgb.train(options, lgb.Dataset(rows, sign * rows[:, place]), 60).model_to_string()


def about(features: FeatureSet, **changes: Any) -> dict[str, Any]:
    """What `about.json` must say."""
    known = {"kind": features.kind, "trainer": "lightgbm", "feature_names": list(features.names), "blend": 0}
    return known | {"feature_set": features.hash} | changes


def publish_model(
    root: Path,
    features: FeatureSet,
    version: str,
    *,
    sign: float = 1,
    by: str = "fused",
    content: str | None = None,
    shadow: bool = False,
    current: bool = True,
    **changes: Any,
) -> Shelf:
    """Publish a model that ranks by one feature, or by `content`; `changes` are put in its `about.json`."""
    shelf = Shelf(root, f"rank-{features.kind}{'-shadow' if shadow else ''}")
    text = trees(len(features.names), features.names.index(by), sign) if content is None else content
    with shelf.publishing(version, about(features, **changes), current) as folder:
        (folder / "model.txt").write_text(text, encoding="utf-8")
    return shelf


def make_model(features: FeatureSet, sign: float = 1, by: str = "fused", name: str = "tiny") -> RankModel:
    """A model that ranks by one feature, without publishing it."""
    text = trees(len(features.names), features.names.index(by), sign)
    return RankModel.of(text, about(features), name)


@dataclass
class InUse:
    """A model that is in use without a shelf."""

    model: RankModel | None = None
    stale: bool = False
    version: str | None = None
    problem: str | None = None

    def get(self) -> RankModel | None:
        return self.model

    def refresh(self) -> None:
        """It stays."""


def serve(
    searcher: Searcher,
    *models: RankModel,
    shadows: tuple[RankModel, ...] = (),
    features: Mapping[Kind, FeatureSet] | None = None,
) -> Searcher:
    """A searcher that ranks with these models, of these feature sets."""
    in_use = {kind: cast("Watched[RankModel]", InUse()) for kind in KINDS}
    serving = replace(
        searcher.serving,
        models=in_use | {model.kind: cast("Watched[RankModel]", InUse(model)) for model in models},
        shadows=in_use | {model.kind: cast("Watched[RankModel]", InUse(model)) for model in shadows},
        features=features or searcher.serving.features,
    )
    return replace(searcher, serving=serving)

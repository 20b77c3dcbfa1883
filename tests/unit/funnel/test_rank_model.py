"""A ranking model scores as its library does, explains its scores, and refuses what it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from api.funnel.model import FILES, RankModel
from stack.errors import ConfigError
from stack.published import Shelf, Version

NAMES = ("fused", "title", "price")
DRAW = np.random.default_rng(2)
ROWS = DRAW.random((400, 3)).astype(np.float32)
RATINGS = np.digitize(ROWS[:, 0] + ROWS[:, 1] * ROWS[:, 2], [0.8, 1.2])


def lightgbm_model() -> lgb.Booster:
    data = lgb.Dataset(ROWS, RATINGS, group=[40] * 10, params={"verbosity": -1})
    return lgb.train({"objective": "lambdarank", "verbosity": -1, "min_data_in_leaf": 5, "num_leaves": 6}, data, 20)


def xgboost_model() -> xgb.Booster:
    data = xgb.DMatrix(ROWS, RATINGS)
    data.set_group([40] * 10)
    return xgb.train({"objective": "rank:ndcg", "base_score": 0.0}, data, 20)


LIGHTGBM, XGBOOST = lightgbm_model(), xgboost_model()
TEXTS = {"lightgbm": LIGHTGBM.model_to_string(), "xgboost": bytes(XGBOOST.save_raw("json")).decode()}
EXPECTED = {
    "lightgbm": LIGHTGBM.predict(ROWS, raw_score=True),
    "xgboost": XGBOOST.predict(xgb.DMatrix(ROWS), output_margin=True),
}
TRAINERS = pytest.mark.parametrize("trainer", list(TEXTS))


def about(of: str, **changes: Any) -> dict[str, Any]:
    given = {"kind": "product", "trainer": of, "feature_names": list(NAMES), "feature_set": "set1", "blend": 0.5}
    return {**given, **changes}


def published(root: Path, trainer: str, content: str, **changes: Any) -> Version:
    shelf = Shelf(root, "rank-product")
    with shelf.publishing("v1", about(trainer, **changes)) as folder:
        (folder / FILES[trainer]).write_text(content, encoding="utf-8")
    return shelf.get("v1")


@TRAINERS
def test_scores_are_the_librarys_own_and_the_blend(tmp_path: Path, trainer: str) -> None:
    model = RankModel.load(published(tmp_path, trainer, TEXTS[trainer]))
    assert (model.name, model.kind, model.names, model.set_hash) == ("v1", "product", NAMES, "set1")
    assert model.score(ROWS) == pytest.approx(EXPECTED[trainer] + 0.5 * ROWS[:, 0], abs=1e-6)
    unblended = RankModel.of(TEXTS[trainer], about(trainer, blend=0))
    assert unblended.score(ROWS) == pytest.approx(EXPECTED[trainer], abs=1e-6)


@TRAINERS
def test_contributions_add_up_to_the_score(trainer: str) -> None:
    model = RankModel.of(TEXTS[trainer], about(trainer))
    parts = model.contributions(ROWS[:50])
    assert parts.shape == (50, 4)
    assert parts.sum(axis=1) == pytest.approx(model.score(ROWS[:50]), abs=1e-5)
    assert np.ptp(parts[:, -1]) == pytest.approx(0, abs=1e-9)
    plain = RankModel.of(TEXTS[trainer], about(trainer, blend=0)).contributions(ROWS[:50])
    assert parts[:, 0] - plain[:, 0] == pytest.approx(0.5 * ROWS[:50, 0], abs=1e-6)


@TRAINERS
def test_no_candidates_have_no_scores(trainer: str) -> None:
    model = RankModel.of(TEXTS[trainer], about(trainer))
    empty = np.empty((0, 3), np.float32)
    assert model.score(empty).shape == (0,)
    assert model.contributions(empty).shape == (0, 4)


@TRAINERS
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, trainer: str, share: float) -> None:
    text = TEXTS[trainer] if trainer == "xgboost" else TEXTS[trainer][: TEXTS[trainer].index("end of trees")]
    version = published(tmp_path, trainer, text[: int(len(text) * share)])
    with pytest.raises(ConfigError, match=rf"ranking model v1: {FILES[trainer]}.*(truncated|no model|not a model)"):
        RankModel.load(version)


@TRAINERS
@pytest.mark.parametrize("content", ["", "{}", "hello", "tree\n", '{"learner": 3}', "Tree=0\nend of trees"])
def test_a_foreign_file_is_refused(tmp_path: Path, trainer: str, content: str) -> None:
    with pytest.raises(ConfigError, match="ranking model v1"):
        RankModel.load(published(tmp_path, trainer, content))


@TRAINERS
def test_another_file_than_was_published_is_refused(tmp_path: Path, trainer: str) -> None:
    version = published(tmp_path, trainer, TEXTS[trainer], model_sha256="0" * 64)
    with pytest.raises(ConfigError, match="truncated, or not the file that was published"):
        RankModel.load(version)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    version = published(tmp_path, "lightgbm", TEXTS["lightgbm"])
    (version.folder / "model.txt").unlink()
    with pytest.raises(ConfigError, match=r"model\.txt.*No such file"):
        RankModel.load(version)


@TRAINERS
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"feature_names": ["fused", "title"]}, "takes? 3 features, its about.json names 2"),
        ({"feature_names": None}, "nothing usable of feature_names"),
        ({"blend": "much", "kind": 3}, "nothing usable of kind, blend"),
        ({"trainer": "catboost"}, "no trainer 'catboost'.*lightgbm, xgboost"),
        ({"feature_names": ["first", "title", "price"]}, "blends 'fused', which is not"),
    ],
)
def test_what_is_said_of_a_model_must_fit_it(trainer: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        RankModel.of(TEXTS[trainer], about(trainer, **changes))


@pytest.mark.parametrize(
    ("names", "set_hash", "says"),
    [
        (("fused", "title"), "set2", "gone: price"),
        ((*NAMES, "stock"), "set2", "new: stock"),
        (("title", "fused", "price"), "set1", "placed otherwise"),
        (NAMES, "set2", "set set1, in use is set2.*defined or placed otherwise"),
    ],
)
def test_another_feature_set_is_refused(names: tuple[str, ...], set_hash: str, says: str) -> None:
    model = RankModel.of(TEXTS["lightgbm"], about("lightgbm"))
    model.check(NAMES, "set1")
    with pytest.raises(ConfigError, match=says):
        model.check(names, set_hash)


@pytest.mark.parametrize("method", ["score", "contributions"])
@pytest.mark.parametrize(
    ("values", "says"),
    [
        (ROWS[:5, :2], r"takes rows of 3 features, not \(5, 2\)"),
        (ROWS[0], "takes rows of 3 features"),
        (np.where(np.arange(3) == 1, np.nan, ROWS[:5]).astype(np.float32), "not a number in feature title"),
        (np.where(np.arange(3) > 0, np.inf, ROWS[:5]).astype(np.float32), "feature title, price"),
    ],
)
def test_wrong_rows_are_refused(method: str, values: np.ndarray, says: str) -> None:
    called: Callable[[np.ndarray], np.ndarray] = getattr(RankModel.of(TEXTS["lightgbm"], about("lightgbm")), method)
    with pytest.raises(ValueError, match=says):
        called(values)


def test_threads_share_a_model() -> None:
    from concurrent.futures import ThreadPoolExecutor

    for trainer, text in TEXTS.items():
        model = RankModel.of(text, about(trainer))
        alone = model.score(ROWS)
        with ThreadPoolExecutor(8) as pool:
            assert all(np.array_equal(found, alone) for found in pool.map(model.score, [ROWS] * 64))


def test_about_is_plain_json(tmp_path: Path) -> None:
    version = published(tmp_path, "lightgbm", TEXTS["lightgbm"])
    assert json.loads((version.folder / "about.json").read_text(encoding="utf-8")) == dict(
        RankModel.load(version).about
    )

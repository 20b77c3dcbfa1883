"""A converted model scores as the original: on random rows, and on rows that lie on a threshold."""

from __future__ import annotations

import json
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from learn.convert import evaluate, from_lightgbm, from_xgboost
from stack.errors import ConfigError

NAMES = [f"f{place}" for place in range(6)]
ALLOWED = {"nodeid", "depth", "split", "split_condition", "yes", "no", "missing", "children"}


def rows(count: int, seed: int) -> np.ndarray:
    """Continuous, small whole, huge, tiny, negative and constant features."""
    draw = np.random.default_rng(seed)
    plain = draw.normal(0, 1, (count, 6))
    plain[:, 1] = draw.integers(0, 4, count)
    plain[:, 2] *= 1e12
    plain[:, 3] *= 1e-12
    plain[:, 4] = draw.integers(-1, 2, count) / 10
    plain[:, 5] = 0
    return plain.astype(np.float32)


TRAIN = rows(2000, 1)
LABELS = np.digitize(TRAIN[:, 0] + TRAIN[:, 1] + TRAIN[:, 2] / 1e12 + TRAIN[:, 3] * 1e12 + TRAIN[:, 4] * 5, [0, 2, 4])


def lightgbm_text(**changes: Any) -> str:
    data = lgb.Dataset(TRAIN, LABELS, group=[50] * 40, params={"verbosity": -1, "max_bin": 63})
    given = {"objective": "lambdarank", "verbosity": -1, "num_leaves": 15, **changes}
    return str(lgb.train(given, data, 40).model_to_string())


def xgboost_text() -> str:
    data = xgb.DMatrix(TRAIN, LABELS)
    data.set_group([50] * 40)
    booster = xgb.train({"objective": "rank:ndcg", "base_score": 0.0, "max_depth": 4}, data, 40)
    return bytes(booster.save_raw("json")).decode()


def thresholds(node: dict[str, Any]) -> list[tuple[int, float]]:
    if "leaf_value" in node:
        return []
    own = (int(node["split_feature"]), float(node["threshold"]))
    return [own, *thresholds(node["left_child"]), *thresholds(node["right_child"])]


def on_thresholds(text: str) -> np.ndarray:
    """Rows whose values are the float32 at, below and above each threshold of the model."""
    booster = lgb.Booster(model_str=text)
    found = [pair for tree in booster.dump_model()["tree_info"] for pair in thresholds(tree["tree_structure"])]
    made = []
    for place, threshold in found:
        at = np.float32(threshold)
        for value in (at, np.nextafter(at, np.float32(-np.inf)), np.nextafter(at, np.float32(np.inf))):
            row = rows(1, place)[0]
            row[place] = value
            made.append(row)
    return np.array(made, np.float32)


@pytest.mark.parametrize("objective", ["lambdarank", "regression"])
def test_lightgbm_scores_stay(objective: str) -> None:
    text = lightgbm_text(objective=objective)
    trees = from_lightgbm(text, NAMES)
    original = lgb.Booster(model_str=text)
    for values in (rows(3000, 2), on_thresholds(text), TRAIN):
        assert evaluate(trees, NAMES, values) == pytest.approx(original.predict(values, raw_score=True), abs=1e-5)


def test_the_threshold_is_what_decides() -> None:
    """Without the next float32, rows on a threshold would go the other way: the test above can fail."""
    text = lightgbm_text()
    trees = from_lightgbm(text, NAMES)

    def lowered(node: dict[str, Any]) -> None:
        for child in node.get("children", ()):
            lowered(child)
        if "split_condition" in node:
            node["split_condition"] = float(np.nextafter(np.float32(node["split_condition"]), np.float32(-np.inf)))

    for tree in trees:
        lowered(tree)
    values = on_thresholds(text)
    original = lgb.Booster(model_str=text).predict(values, raw_score=True)
    assert np.abs(evaluate(trees, NAMES, values) - original).max() > 1e-3


def test_xgboost_scores_stay() -> None:
    text = xgboost_text()
    trees = from_xgboost(text, NAMES)
    booster = xgb.Booster()
    booster.load_model(bytearray(text.encode()))
    conditions = [node["split_condition"] for tree in trees for node in walk(tree) if "split" in node]
    at = rows(len(conditions), 3)
    at[:, 0] = conditions
    for values in (rows(3000, 2), at):
        expected = booster.inplace_predict(values, predict_type="margin")
        assert evaluate(trees, NAMES, values) == pytest.approx(expected, abs=1e-5)


def walk(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(found for child in node.get("children", ()) for found in walk(child))]


@pytest.mark.parametrize(
    "made", [lambda: from_lightgbm(lightgbm_text(), NAMES), lambda: from_xgboost(xgboost_text(), NAMES)]
)
def test_the_form_is_the_plugins(made: Any) -> None:
    trees = json.loads(json.dumps(made()))
    assert len(trees) == 40
    for tree in trees:
        nodes = walk(tree)
        assert sorted(node["nodeid"] for node in nodes) == list(range(len(nodes)))
        for node in nodes:
            if "leaf" in node:
                assert set(node) == {"nodeid", "leaf"}
            else:
                assert set(node) == ALLOWED
                assert [child["nodeid"] for child in node["children"]] == [node["yes"], node["no"]]
                assert node["split"] in NAMES
                assert node["split_condition"] == float(np.float32(node["split_condition"]))


def test_a_single_leaf_is_a_tree() -> None:
    text = lightgbm_text(min_data_in_leaf=5000)
    assert evaluate(from_lightgbm(text, NAMES), NAMES, rows(3, 1)) == pytest.approx([0, 0, 0], abs=1e-6)


def test_categories_cannot_be_converted() -> None:
    data = lgb.Dataset(np.abs(TRAIN[:, 1:2]), LABELS, categorical_feature=[0], params={"verbosity": -1})
    booster = lgb.train({"objective": "regression", "verbosity": -1, "max_cat_to_onehot": 1}, data, 5)
    with pytest.raises(ConfigError, match="'==' on f0 cannot be converted"):
        from_lightgbm(booster.model_to_string(), ["f0"])


def test_names_of_another_set_are_refused() -> None:
    with pytest.raises(ConfigError, match="takes 6 features, 2 are named"):
        from_lightgbm(lightgbm_text(), ["a", "b"])

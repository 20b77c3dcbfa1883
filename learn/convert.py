"""Models in the form that the LTR plugin takes: `model/xgboost+json`, a list of trees.

The plugin's reader is strict (docs/engine.md): no statistics, the children in the order yes, no. It compares float32
`value < split_condition`, LightGBM double `value <= threshold`: the converted condition is the next float32 above the
greatest float32 that is not above the threshold, so that a value on the threshold goes the same way. Where a value is
missing the plugin always goes "no": our feature templates never leave one out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stack.errors import ConfigError

# What is no further from 0 than this is 0 to LightGBM (kZeroThreshold in its meta.h).
ZERO = np.float32(1e-35)
Tree = dict[str, Any]
Floats = NDArray[np.float64]


def from_lightgbm(content: str, names: Sequence[str]) -> list[Tree]:
    """A model of LightGBM as trees for the plugin.

    Raises ConfigError for a split that the form cannot say: one on categories, or of a feature without a name.
    """
    import lightgbm as lgb

    dumped = lgb.Booster(model_str=content).dump_model()
    if dumped["max_feature_idx"] + 1 != len(names):
        what = f"the model takes {dumped['max_feature_idx'] + 1} features, {len(names)} are named"
        raise ConfigError(what, "Convert it with the names of its own feature set")
    return [_numbered(_from_lightgbm(tree["tree_structure"], names)) for tree in dumped["tree_info"]]


def from_xgboost(content: str, names: Sequence[str]) -> list[Tree]:
    """A model of XGBoost as trees for the plugin: its own dump, without statistics, children in the order yes, no."""
    import xgboost as xgb

    booster = xgb.Booster()
    booster.load_model(bytearray(content.encode()))
    booster.feature_names = list(names)
    return [_numbered(_from_xgboost(json.loads(tree))) for tree in booster.get_dump(dump_format="json")]


def to_plugin(trainer: str, content: str, names: Sequence[str]) -> list[Tree]:
    """By the trainer's name. Raises ConfigError."""
    return (from_lightgbm if trainer == "lightgbm" else from_xgboost)(content, names)


def evaluate(trees: Sequence[Tree], names: Sequence[str], values: NDArray[np.float32]) -> Floats:
    """Scores (n,) of rows (n, f) as the plugin computes them, to check a conversion by."""
    columns = {name: values[:, place] for place, name in enumerate(names)}
    return np.asarray(sum((_evaluate(tree, columns, len(values)) for tree in trees), np.zeros(len(values))))


def _evaluate(node: Tree, columns: dict[str, NDArray[np.float32]], count: int) -> Floats:
    if "leaf" in node:
        return np.full(count, node["leaf"])
    yes, no = (_evaluate(child, columns, count) for child in node["children"])
    return np.where(columns[node["split"]] < np.float32(node["split_condition"]), yes, no)


def _from_lightgbm(node: Tree, names: Sequence[str]) -> Tree:
    if "leaf_value" in node:
        return {"leaf": float(node["leaf_value"])}
    if node["decision_type"] != "<=":
        raise ConfigError(
            f"a split of the kind {node['decision_type']!r} on {names[node['split_feature']]} cannot be converted",
            "Train without categorical features",
        )
    children = [_from_lightgbm(node[side], names) for side in ("left_child", "right_child")]
    return _split(names[node["split_feature"]], _next_above(node["threshold"]), children)


def _from_xgboost(node: Tree) -> Tree:
    if "leaf" in node:
        return {"leaf": float(node["leaf"])}
    by_id = {child["nodeid"]: child for child in node["children"]}
    children = [_from_xgboost(by_id[node[side]]) for side in ("yes", "no")]
    return _split(node["split"], float(np.float32(node["split_condition"])), children)


def _next_above(threshold: float) -> float:
    """The least float32 that is greater than `threshold`; none lies between the two zeros of LightGBM."""
    if abs(threshold) <= ZERO:
        return float(np.nextafter(ZERO, np.float32(np.inf)) if threshold >= 0 else -ZERO)
    nearest = np.float32(threshold)
    above = nearest if float(nearest) > threshold else np.nextafter(nearest, np.float32(np.inf))
    return float(above)


def _split(feature: str, condition: float, children: list[Tree]) -> Tree:
    return {"split": feature, "split_condition": condition, "children": children}


def _numbered(tree: Tree) -> Tree:
    """Nodes numbered breadth first, each with its depth and the numbers of its children."""
    level, depth, last = [tree], 0, 0
    tree["nodeid"] = 0
    while level:
        children = []
        for node in level:
            if "leaf" in node:
                continue
            for child in node["children"]:
                last += 1
                child["nodeid"] = last
                children.append(child)
            yes, no = (child["nodeid"] for child in node["children"])
            node |= {"depth": depth, "yes": yes, "no": no, "missing": no}
        level, depth = children, depth + 1
    return tree

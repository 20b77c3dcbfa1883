"""A ranking model as it serves: trees plus the first stage's score, loaded from a published folder.

    model.txt      trees of LightGBM, or model.json, trees of XGBoost
    about.json     kind, trainer, feature_names, feature_set (hash), blend, model_sha256, and where it comes from

score = trees(features) + blend × fused. The libraries score themselves: 200 × 40 stay within 2 ms on one thread (`make
bench`). Compiled by lleaves they take a thirteenth of that, but lleaves 1.3 needs an llvmlite before 0.44 and compiles
for seconds at every roll; treelite's compiled library took 1.2 times LightGBM's time, its interpreter 3.4, numpy 9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from stack.documents import Kind
from stack.errors import ConfigError
from stack.published import Version

Floats = NDArray[np.float64]
FUSED = "fused"
FILES = {"lightgbm": "model.txt", "xgboost": "model.json"}
REMEDY = "Publish it again, or roll back"
NEEDED: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "trainer": str,
    "feature_names": list,
    "feature_set": str,
    "blend": (int, float),
}


class Trees(Protocol):
    """What scores rows (n, f)."""

    @property
    def width(self) -> int:
        """Features a row."""

    def score(self, values: NDArray[np.float32]) -> Floats:
        """(n,)"""

    def contributions(self, values: NDArray[np.float32]) -> Floats:
        """SHAP values (n, f + 1), the expected value last (Lundberg et al. 2018, arXiv:1802.03888)."""


@dataclass(frozen=True)
class RankModel:
    """A model that scores candidates. `name` is its version."""

    name: str
    kind: Kind
    names: tuple[str, ...]
    set_hash: str
    blend: float
    about: Mapping[str, Any]
    trees: Trees

    @classmethod
    def load(cls, version: Version) -> RankModel:
        """From a published folder. Raises ConfigError that says what is wrong with which file."""
        return cls.read(version.folder, version.about, version.name)

    @classmethod
    def read(cls, folder: Path, about: Mapping[str, Any], name: str) -> RankModel:
        """From a folder and what its `about.json` says. Raises ConfigError."""
        where = f"ranking model {name}"
        _check_about(about, where)
        file = folder / FILES[about["trainer"]]
        try:
            content = file.read_bytes()
        except OSError as error:
            raise ConfigError(f"{where}: {file.name}: {error}", REMEDY) from error
        expected = about.get("model_sha256")
        if expected is not None and hashlib.sha256(content).hexdigest() != expected:
            raise ConfigError(f"{where}: {file.name} is truncated, or not the file that was published", REMEDY)
        return cls.of(content.decode(errors="replace"), about, name)

    @classmethod
    def of(cls, content: str, about: Mapping[str, Any], name: str = "in memory") -> RankModel:
        """From a model's text. Raises ConfigError when it is none, or has other features than `about` says."""
        where = f"ranking model {name}"
        _check_about(about, where)
        trees = _parse(about["trainer"], content, where)
        names = tuple(map(str, about["feature_names"]))
        if trees.width != len(names):
            what = f"{where}: its trees take {trees.width} features, its about.json names {len(names)}"
            raise ConfigError(what, REMEDY)
        if about["blend"] and FUSED not in names:
            raise ConfigError(f"{where}: it blends {FUSED!r}, which is not among its features", REMEDY)
        return cls(name, about["kind"], names, str(about["feature_set"]), float(about["blend"]), about, trees)

    def check(self, names: Sequence[str], set_hash: str) -> None:
        """Raises ConfigError when the feature set in use is not the one that the model was trained on."""
        if self.names == tuple(names) and self.set_hash == set_hash:
            return
        missing = [name for name in self.names if name not in names]
        new = [name for name in names if name not in self.names]
        parts = [
            f"{label} {', '.join(found[:5])}{' …' if len(found) > 5 else ''}"
            for label, found in (("gone:", missing), ("new:", new))
            if found
        ]
        how = "; ".join(parts) or "a feature is defined or placed otherwise"
        raise ConfigError(
            f"ranking model {self.name} is of feature set {self.set_hash}, in use is {set_hash} ({how})",
            "Train one on the present set (souk learn), or roll mappings/features back",
        )

    def score(self, values: NDArray[np.float32]) -> Floats:
        """Rows (n, f) of features in the order of `names` → scores (n,), higher is better.

        Raises ValueError when a row is of another width or holds what is no number.
        """
        self._check_values(values)
        if not len(values):
            return np.zeros(0)
        scores = self.trees.score(values)
        return scores + self.blend * values[:, self.names.index(FUSED)] if self.blend else scores

    def contributions(self, values: NDArray[np.float32]) -> Floats:
        """What each feature adds to the score: (n, f + 1), the expected value last; a row sums to its score.

        The blended part of the first stage's score is added to that feature. Raises ValueError as `score` does.
        """
        self._check_values(values)
        if not len(values):
            return np.zeros((0, len(self.names) + 1))
        parts = self.trees.contributions(values)
        if self.blend:
            place = self.names.index(FUSED)
            parts[:, place] += self.blend * values[:, place]
        return parts

    def _check_values(self, values: NDArray[np.float32]) -> None:
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise ValueError(f"ranking model {self.name} takes rows of {len(self.names)} features, not {values.shape}")
        if not np.isfinite(values).all():
            bad = [name for name, column in zip(self.names, values.T, strict=True) if not np.isfinite(column).all()]
            raise ValueError(f"not a number in feature {', '.join(bad)}: every feature has a value, 0 when absent")


def _check_about(about: Mapping[str, Any], where: str) -> None:
    wrong = [name for name, type_ in NEEDED.items() if not isinstance(about.get(name), type_)]
    if wrong:
        raise ConfigError(f"{where}: about.json says nothing usable of {', '.join(wrong)}", REMEDY)
    if about["trainer"] not in FILES:
        raise ConfigError(f"{where}: there is no trainer {about['trainer']!r}", f"There is: {', '.join(FILES)}")


def _parse(trainer: str, content: str, where: str) -> Trees:
    try:
        # Either library is 100 MB and a second that a search without models need not pay.
        if trainer == "lightgbm":
            from api.funnel.lightgbm_trees import parse as parse_lightgbm

            return parse_lightgbm(content)
        from api.funnel.xgboost_trees import parse as parse_xgboost

        return parse_xgboost(content)
    except ValueError as error:
        raise ConfigError(f"{where}: {FILES[trainer]}: {error}", REMEDY) from error

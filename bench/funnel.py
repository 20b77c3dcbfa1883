"""The whole funnel for what is timed: a lexicon of the searched indexes, and a ranking model for each kind.

The models are as large as training makes them and learn nothing but noise: how fast trees score does not depend on what
they say, and a catalogue without judgments can be timed too.
"""

from __future__ import annotations

import hashlib
import subprocess

import lightgbm as lgb
import numpy as np

from api.funnel.feature_set import FeatureSet, load_features
from bench.catalogue import SOUK
from bench.processes import environment
from learn.models import shelf_of
from learn.train.options import Options, load_options
from stack.documents import KINDS
from stack.errors import SoukError
from stack.settings import ROOT, Settings

QUERIES, JUDGED, SEED = 100, 60, 7


def publish_funnel(settings: Settings) -> None:
    """Publish both where the settings say. Raises SoukError with the last words of a build that failed."""
    command = [*SOUK, "understand", "build"]
    done = subprocess.run(command, env=environment(settings), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SoukError(f"souk understand build ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    options = load_options(settings.mappings_dir, trainer="lightgbm", objective="lambdarank")
    for kind in KINDS:
        features = load_features(settings.mappings_dir, kind)
        content = booster_of(len(features.names), options).model_to_string()
        about = about_of(features, content)
        with shelf_of(settings.published, kind).publishing("bench", about) as folder:
            (folder / "model.txt").write_text(content, encoding="utf-8")


def about_of(features: FeatureSet, content: str) -> dict[str, object]:
    """What `RankModel` needs to know of a model."""
    return {
        "kind": features.kind,
        "trainer": "lightgbm",
        "feature_names": list(features.names),
        "feature_set": features.hash,
        "blend": 1.0,
        "model_sha256": hashlib.sha256(content.encode()).hexdigest(),
    }


def booster_of(width: int, options: Options) -> lgb.Booster:
    """A booster with the declared shape of trees, and as many as a training run can make."""
    draw = np.random.default_rng(SEED)
    rows = QUERIES * JUDGED
    values = draw.normal(0, 1, (rows, width)).astype(np.float32)
    ratings = np.digitize(values[:, 0] + values[:, 1] * values[:, 2] + draw.normal(0, 1, rows), [0, 1, 2])
    given = {"objective": "lambdarank", "num_threads": 1, "verbosity": -1, "label_gain": [0, 1, 2, 3]}
    data = lgb.Dataset(values, ratings, group=[JUDGED] * QUERIES, params={"verbosity": -1})
    return lgb.train({**given, **options.defaults}, data, options.max_rounds * options.bags)

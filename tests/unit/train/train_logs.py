"""Small made-up feature logs: what is relevant shows in `words`, the first stage sees it through noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from learn.frame import FeatureFrame
from learn.train.options import Options, load_options
from stack.settings import ROOT

NAMES = ("fused", "words", "noise", "flat")
# No two share a letter pattern, so that each is a family of its own.
WORDS = [
    "anchor",
    "bicycle",
    "candle",
    "dolphin",
    "engine",
    "feather",
    "guitar",
    "hammer",
    "island",
    "jacket",
    "kettle",
    "lantern",
    "mirror",
    "needle",
    "orange",
    "pencil",
    "quartz",
    "rocket",
    "saddle",
    "tunnel",
    "umbrella",
    "violin",
    "window",
    "xylophone",
    "yogurt",
    "zipper",
]


def make_frame(queries: int = 12, docs: int = 30, judged: int = 15, seed: int = 1) -> FeatureFrame:
    """Rows in the order of the first stage; ratings 0 to 3 follow `words`, half of the rows are unjudged."""
    draw = np.random.default_rng(seed)
    names, ids, ratings, values = [], [], [], []
    for number in range(queries):
        words = draw.random(docs)
        rating = np.digitize(words, [0.6, 0.8, 0.9]).astype(float)
        fused = np.clip(words + draw.normal(0, 0.4, docs), 0, 1)
        order = np.argsort(-fused)
        for place, row in enumerate(order):
            names.append(WORDS[number])
            ids.append(f"{number}-{row}")
            ratings.append(rating[row] if place % 2 == 0 or place < judged else np.nan)
            values.append([fused[row], words[row], draw.random(), 1.0])
    return FeatureFrame(
        "product",
        NAMES,
        "set1",
        np.array(names, object),
        np.array(ids, object),
        np.array(ratings, np.float32),
        np.array(values, np.float32),
    )


def small(**changes: Any) -> Options:
    """The declared options, small enough for a test."""
    given = {"trials": 0, "folds": 3, "inner_folds": 2, "max_rounds": 30, "bags": 2}
    given |= {"start": {"rounds": 20, "blend": 1}} | changes
    return load_options(ROOT / "mappings", **given)

"""Scoring the candidates of one search with a ranking model as large as any that is trained."""

from __future__ import annotations

import asyncio

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from api.funnel.model import RankModel
from bench.bed import Bed
from bench.funnel import booster_of
from bench.rows.search import milliseconds
from bench.table import Result, Row, Target
from bench.timing import interleave, seconds_of
from learn.train.options import load_options

CANDIDATES, FEATURES = 200, 40
ROUNDS, WARM_UP = 20, 50
SEED = 7
TARGET = Target("≤", 2)
Values = NDArray[np.float32]


def measure(bed: Bed) -> Result:
    """One row: `RankModel.score` of 200 candidates with 40 features, and the bare booster beside it."""
    options = load_options(bed.settings.mappings_dir, trainer="lightgbm", objective="lambdarank")
    booster = booster_of(FEATURES, options)
    names = ["fused", *(f"f{place}" for place in range(1, FEATURES))]
    about = {"kind": "product", "trainer": "lightgbm", "feature_names": names, "feature_set": "bench", "blend": 1.0}
    model = RankModel.of(booster.model_to_string(), about)
    return asyncio.run(_measure(bed, model, booster))


async def _measure(bed: Bed, model: RankModel, booster: lgb.Booster) -> Result:
    async def ours(values: Values) -> float:
        return seconds_of(model.score, values)

    async def bare(values: Values) -> float:
        return seconds_of(lambda rows: booster.predict(rows, raw_score=True, num_threads=1), values)

    draw = np.random.default_rng(SEED)
    searches = [draw.normal(0, 1, (CANDIDATES, FEATURES)).astype(np.float32) for _ in range(ROUNDS)]
    with bed.ticking("scoring", len(searches) * bed.rounds) as tick:
        done = await interleave({"ours": ours, "bare": bare}, searches, rounds=bed.rounds, warm_up=WARM_UP, tick=tick)
    figures = {
        name: milliseconds("Booster.predict" if name == "bare" else name, samples) for name, samples in done.items()
    }
    note = f"{booster.num_trees()} trees, one thread"
    value = figures["ours"].p50
    what = f"ranking model, {CANDIDATES} × {FEATURES}, p50"
    return Result([Row(what, figures["ours"], figures["bare"], value, "ms", TARGET, note)])

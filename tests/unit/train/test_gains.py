"""The nDCG of the inner loops is the one that is reported."""

from __future__ import annotations

import numpy as np
import pytest
from train_logs import make_frame

from learn.judgments import Judgments
from learn.measures import measure
from learn.train.data import read_log


@pytest.mark.parametrize("missed", [False, True])
def test_ndcg_is_that_of_ir_measures(missed: bool) -> None:
    frame = make_frame(queries=6)
    log = read_log(frame)
    ratings = {query: dict(docs) for query, docs in log.judgments.ratings.items()}
    if missed:
        ratings["anchor"] |= {"gone": 3, "gone too": 2}
    log = read_log(frame, Judgments(ratings, ("rated.csv",)))
    draw = np.random.default_rng(4)
    for scores in (log.fused, draw.random(len(frame.docs)), np.round(draw.random(len(frame.docs)), 1)):
        reported = measure(log.run(scores), log.judgments)["nDCG@10"]
        queries = log.answerable(list(log.rows))
        assert log.lists(queries).ndcg(scores) == pytest.approx([reported[query] for query in queries], abs=1e-9)


def test_equal_scores_keep_the_served_order() -> None:
    log = read_log(make_frame(queries=3))
    queries = list(log.rows)
    flat = np.zeros(len(log.frame.docs))
    assert log.lists(queries).ndcg(flat) == pytest.approx(log.lists(queries).ndcg(log.fused))


def test_what_recall_missed_lowers_the_figure_and_is_counted() -> None:
    frame = make_frame(queries=3)
    known = read_log(frame).judgments.ratings
    rated = {**known, "anchor": {**known["anchor"], "gone": 3}, "nothing found": {"x": 2}}
    log = read_log(frame, Judgments(rated, ("rated.csv",)))
    assert log.missed == {"anchor": 1, "nothing found": 1}
    whole, less = read_log(frame).lists(["anchor"]), log.lists(["anchor", "nothing found"])
    assert less.ndcg(log.fused)[0] < whole.ndcg(log.fused)[0]
    assert less.ndcg(log.fused)[1] == 0

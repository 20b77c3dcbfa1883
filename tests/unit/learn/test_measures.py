"""The measures on worked examples."""

from __future__ import annotations

import math

import pytest

from learn.judgments import Judgments
from learn.measures import JUDGED_ONLY, means, measure

JUDGED = Judgments({"a": {"d1": 3, "d2": 1, "d3": 0}, "b": {"d9": 2}, "none": {"d5": 0}}, ("file",))
RUN = {"a": [("u", 3.0), ("d2", 2.0), ("d1", 1.0)], "b": []}


def test_worked_example() -> None:
    values = measure(RUN, JUDGED)
    ideal = 3 + 1 / math.log2(3)
    assert values["nDCG@10"]["a"] == pytest.approx((1 / math.log2(3) + 3 / math.log2(4)) / ideal, abs=1e-4)
    assert values[JUDGED_ONLY]["a"] == pytest.approx((1 + 3 / math.log2(3)) / ideal, abs=1e-4)
    assert values["RR@10"]["a"] == pytest.approx(1 / 2)
    assert values["R@100"]["a"] == 1.0
    assert values["judged@10"]["a"] == pytest.approx(2 / 3)


def test_a_query_without_results_counts_as_zero_and_one_without_relevant_is_left_out() -> None:
    values = measure(RUN, JUDGED)
    assert values["nDCG@10"]["b"] == 0.0
    assert set(values["nDCG@10"]) == {"a", "b"}
    assert means(values)["nDCG@10"] == pytest.approx(values["nDCG@10"]["a"] / 2)


def test_a_missing_run_is_zero_everywhere() -> None:
    assert all(value == 0.0 for value in means(measure({}, JUDGED)).values())

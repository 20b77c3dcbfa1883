"""What routes bring: figures that can be counted by hand."""

from __future__ import annotations

import pytest

from learn.judgments import Judgments
from learn.rankers import Ranker, Setup
from learn.routes import report_of

JUDGED = Judgments({"hub": {"a": 3, "b": 1, "c": 0, "d": 2, "e": 1}, "mouse": {"m": 1}}, ("rated.csv",))
FOUND = {
    "hub": {"lexical": ["a", "c", "x"], "vector": ["a", "b"], "title": []},
    "mouse": {"lexical": ["m"], "vector": ["m"]},
}
RANKED = {"hub": ["a", "x", "b"], "mouse": ["m"]}


def test_alone_together_and_only() -> None:
    report = report_of(JUDGED, FOUND, RANKED, Setup(Ranker.FULL))
    by_name = {each.name: each for each in report.routes}
    assert list(by_name) == ["lexical", "vector", "title"]
    assert by_name["lexical"].recall[100] == pytest.approx((1 / 4 + 1) / 2)
    assert by_name["vector"].recall[200] == pytest.approx((2 / 4 + 1) / 2)
    assert (by_name["vector"].only, by_name["vector"].only_queries) == (1, 1)
    assert by_name["vector"].only_share == pytest.approx((1 / 4 + 0) / 2)
    assert by_name["lexical"].only == 0  # c and x are not relevant
    assert by_name["title"].found == 0
    assert report.together == pytest.approx((2 / 4 + 1) / 2)
    assert report.together_found == pytest.approx((4 + 1) / 2)
    assert report.ranked == {100: pytest.approx(0.75), 200: pytest.approx(0.75)}


def test_recall_stops_at_its_cut() -> None:
    deep = {"mouse": {"vector": [f"x{place}" for place in range(150)] + ["m"]}}
    (route,) = report_of(JUDGED, deep, {"mouse": []}, Setup(Ranker.FULL)).routes
    assert route.recall == {100: 0.0, 200: 1.0}

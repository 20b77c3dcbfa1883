"""What is said of a part that was taken away."""

from __future__ import annotations

import pytest

from learn.ablation import Ablated, Ablation
from learn.measures import COLUMNS
from learn.report import ablation_table
from learn.significance import Comparison

MEANS = dict.fromkeys(COLUMNS, 0.5)


def lacking(part: str, difference: float, low: float, high: float, wins: int = 3, losses: int = 4) -> Ablated:
    return Ablated(part, MEANS, Comparison(difference, low, high, 0.1, wins, losses, 0))


@pytest.mark.parametrize(
    ("ablated", "verdict"),
    [
        (lacking("spelling", -0.02, -0.04, -0.01), "pays"),
        (lacking("spelling", 0.02, 0.01, 0.04), "does harm"),
        (lacking("spelling", -0.02, -0.04, 0.01), "not proven"),
        (lacking("spelling", 0.0, 0.0, 0.0, 0, 0), "changes nothing here"),
    ],
)
def test_the_verdict_needs_an_interval_on_one_side(ablated: Ablated, verdict: str) -> None:
    assert ablated.verdict == verdict


def test_what_costs_most_stands_first() -> None:
    parts = (lacking("price", 0.01, 0.0, 0.02), lacking("route:vector", -0.1, -0.2, -0.05), lacking("x", 0.0, -1, 1))
    head, rows = ablation_table(Ablation(MEANS, parts))
    assert [row[0] for row in rows] == ["(full)", "route:vector", "x", "price"]
    assert all(len(row) == len(head) for row in rows)

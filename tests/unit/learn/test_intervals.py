"""Intervals of a mean: they hold it, shrink with more queries, and are the same each time."""

from __future__ import annotations

import pytest

from learn.intervals import mean_interval


def test_more_queries_make_it_narrower() -> None:
    few, many = mean_interval([0.2, 0.5, 0.9, 0.4]), mean_interval([0.2, 0.5, 0.9, 0.4] * 25)
    assert few.low < few.mean < few.high
    assert few.mean == pytest.approx(0.5)
    assert many.high - many.low < (few.high - few.low) / 3
    assert mean_interval([0.2, 0.5, 0.9, 0.4]) == few


@pytest.mark.parametrize("values", [[0.7], [0.7, 0.7, 0.7]])
def test_no_spread_is_no_error(values: list[float]) -> None:
    found = mean_interval(values)
    assert (found.low, found.mean, found.high) == pytest.approx((0.7, 0.7, 0.7))


def test_no_values_have_no_mean() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])

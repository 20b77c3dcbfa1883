"""Paired comparison: what is better is called better, what is noise is not."""

from __future__ import annotations

import random

import pytest

from learn.significance import compare


def scores(values: list[float]) -> dict[str, float]:
    return {f"q{place}": value for place, value in enumerate(values)}


def test_a_clear_gain_is_significant() -> None:
    draw = random.Random(1)
    theirs = [draw.random() for _ in range(60)]
    found = compare(scores([value + 0.1 + draw.gauss(0, 0.02) for value in theirs]), scores(theirs))
    assert found.difference == pytest.approx(0.1, abs=0.01)
    assert 0 < found.low < found.difference < found.high
    assert found.p_value < 0.01
    assert found.wins == 60


def test_noise_is_not() -> None:
    draw = random.Random(2)
    theirs = [draw.random() for _ in range(60)]
    found = compare(scores([value + draw.gauss(0, 0.2) for value in theirs]), scores(theirs))
    assert found.p_value > 0.05
    assert found.low < 0 < found.high


def test_equal_rankers_have_no_difference() -> None:
    found = compare(scores([0.1, 0.5]), scores([0.1, 0.5]))
    assert (found.difference, found.p_value, found.ties) == (0.0, 1.0, 2)


def test_the_same_comparison_gives_the_same_figures() -> None:
    ours, theirs = scores([0.3, 0.9, 0.4, 0.8]), scores([0.2, 0.7, 0.5, 0.1])
    assert compare(ours, theirs) == compare(ours, theirs)


@pytest.mark.parametrize(("ours", "theirs"), [({"a": 1.0}, {"a": 1.0}), ({"a": 1.0, "b": 1.0}, {"a": 1.0, "c": 1.0})])
def test_only_the_same_queries_are_paired(ours: dict[str, float], theirs: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="the same queries"):
        compare(ours, theirs)

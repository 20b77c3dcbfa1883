"""How alike two rows are, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.compare.alike import kendall, overlap, rank_biased_overlap

rows = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("abc", "abc", 1.0),
        ("abc", "xyz", 0.0),
        ("", "", 1.0),
        ("", "ab", 0.0),
        # (1-p)/p (1·p + ½·p² + 1·p³) + p³ with p = 0.9
        ("abc", "acb", 0.955),
        # one shared document at the second place of both: (1-p)/p (0 + ½·p²) + ½·p²
        ("ab", "cb", 0.45),
        # the shorter row agrees as far as it goes
        ("ab", "abc", 1.0),
    ],
)
def test_rank_biased_overlap(first: str, second: str, expected: float) -> None:
    assert rank_biased_overlap(list(first), list(second)) == pytest.approx(expected)


@given(rows, rows)
def test_rank_biased_overlap_is_symmetric_and_bounded(first: list[str], second: list[str]) -> None:
    value = rank_biased_overlap(first, second)
    assert -1e-9 <= value <= 1 + 1e-9
    assert value == pytest.approx(rank_biased_overlap(second, first))


def test_a_swap_at_the_top_weighs_more_than_one_below() -> None:
    row = list("abcdefghij")
    top, bottom = [*"ba", *row[2:]], [*row[:8], *"ji"]
    assert rank_biased_overlap(row, top) < rank_biased_overlap(row, bottom) < 1


@pytest.mark.parametrize(
    ("first", "second", "size", "expected"),
    [("abcd", "dcba", 4, 1.0), ("abcd", "dcba", 2, 0.0), ("abcd", "ax", 4, 0.25), ("", "", 3, 1.0), ("a", "", 3, 0.0)],
)
def test_overlap(first: str, second: str, size: int, expected: float) -> None:
    assert overlap(list(first), list(second), size) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("abc", "abc", 1.0), ("abc", "cba", -1.0), ("abc", "acb", 1 / 3), ("abxc", "yabc", 1.0), ("ab", "bc", None)],
)
def test_kendall_is_over_the_shared_ones(first: str, second: str, expected: float | None) -> None:
    found = kendall(list(first), list(second))
    assert found == (None if expected is None else pytest.approx(expected))

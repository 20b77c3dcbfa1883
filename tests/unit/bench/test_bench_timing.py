"""Paired timing: who is asked when, what is counted, and what is made of it."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.timing import Samples, differences, interleave, median_ratio, percentile, seconds_of, turns


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 99, 5.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0], 50, 1.5),
        ([float(value) for value in range(101)], 99, 99.0),
        ([float(value) for value in range(101)], 0, 0.0),
    ],
)
def test_percentile(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == pytest.approx(expected)


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


@pytest.mark.parametrize("contenders", [("ours", "bare"), ("a", "b", "c")])
def test_every_contender_takes_every_turn_and_is_first_equally_often(contenders: tuple[str, ...]) -> None:
    taken = list(turns(contenders, ["x", "y", "z", "u", "v", "w"], rounds=3))
    assert len(taken) == 18
    assert all(sorted(order) == sorted(contenders) for _, _, order in taken)
    assert len(set(Counter(order[0] for _, _, order in taken).values())) == 1


def test_an_item_is_not_always_asked_by_the_same_contender_first() -> None:
    firsts = {order[0] for _, item, order in turns(("ours", "bare"), ["x", "y"], rounds=2) if item == "x"}
    assert firsts == {"ours", "bare"}


async def test_warm_up_is_not_counted_and_pairs_stay_pairs() -> None:
    calls: list[tuple[str, int]] = []
    rounds: list[int] = []

    def contender(name: str, factor: int):  # type: ignore[no-untyped-def]
        async def sample(item: int) -> float:
            calls.append((name, item))
            return float(item * factor)

        return sample

    async def before_round() -> None:
        rounds.append(len(calls))

    contenders = {"ours": contender("ours", 2), "bare": contender("bare", 1)}
    done = await interleave(contenders, [1, 2, 3], rounds=2, warm_up=4, before_round=before_round)
    assert done["ours"].values == (2.0, 4.0, 6.0, 2.0, 4.0, 6.0)
    assert done["bare"].values == (1.0, 2.0, 3.0, 1.0, 2.0, 3.0)
    assert done["ours"].warm_up == 4
    assert calls[:8] == [(name, item) for item in (1, 2, 3, 1) for name in ("ours", "bare")]
    assert rounds == [8, 14]


def test_differences_are_pair_by_pair() -> None:
    assert differences(Samples((3.0, 10.0)), Samples((1.0, 9.0))).values == (2.0, 1.0)
    with pytest.raises(ValueError, match="zip"):
        differences(Samples((3.0,)), Samples((1.0, 9.0)))


def test_one_disturbed_pair_does_not_move_the_ratio() -> None:
    assert median_ratio([90, 95, 10], [100, 100, 100]) == pytest.approx(0.9)


def test_seconds_are_those_of_the_call() -> None:
    seen: list[str] = []
    assert 0 <= seconds_of(seen.append, "x") < 1
    assert seen == ["x"]

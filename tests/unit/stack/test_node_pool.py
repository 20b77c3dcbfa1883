"""Requests go to all nodes in turn, and pass over one that failed until it had its rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from stack.pool import LONGEST_REST_S, NodePool, unpinned


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Three:
    """A pool of the nodes a, b and c with a clock that stands still."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.pool = NodePool([(name, {}) for name in "abc"], now=self.clock)

    def asked(self, times: int = 30) -> dict[str, int]:
        return dict(Counter(self.pool.get_connection() for _ in range(times)))


@pytest.fixture
def three() -> Three:
    return Three()


def test_all_in_turn(three: Three) -> None:
    assert three.asked() == {"a": 10, "b": 10, "c": 10}


def test_one_that_failed_rests_longer_each_time(three: Three) -> None:
    for rest in (1, 2, 4, 8, 16, 30, 30):
        three.pool.mark_dead("b")
        three.pool.mark_dead("b")  # of a request that ran beside: the same failure
        assert set(three.asked()) == {"a", "c"}
        three.clock.now += rest - 0.1
        assert set(three.asked()) == {"a", "c"}
        three.clock.now += 0.1
        assert set(three.asked()) == {"a", "b", "c"}
    assert rest == LONGEST_REST_S
    three.pool.mark_live("b")
    three.pool.mark_dead("b")
    three.clock.now += 1
    assert set(three.asked()) == {"a", "b", "c"}


def test_there_is_always_one_to_ask(three: Three) -> None:
    for name in "abc":
        three.pool.mark_dead(name)
        three.clock.now += 0.1
    assert set(three.asked()) == {"a"}  # it wakes first


def test_connections_that_rest_are_closed_too(three: Three) -> None:
    three.pool.mark_dead("b")
    assert three.pool.connections == ["a", "b", "c"]


def test_a_second_try_is_not_pinned_to_copies_of_shards() -> None:
    body = '{"index":"a","preference":"x1"}\n{"query":{"match":{"preference":"x"}}}\n'
    named = '{"index":"b","preference":"_shards:2"}\n{}\n'
    assert unpinned(body + named) == '{"index":"a"}\n{"query":{"match":{"preference":"x"}}}\n' + named

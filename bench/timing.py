"""Paired timing: the contenders take turns on each item, so that a noisy moment of the machine hits all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Sampler = Callable[[T], Awaitable[float]]
"""Does its work on an item and returns the seconds that it took."""


@dataclass(frozen=True)
class Samples:
    """What one contender took, in the order of the turns. `warm_up` calls before them were not counted."""

    values: tuple[float, ...]
    warm_up: int = 0

    @property
    def p50(self) -> float:
        return percentile(self.values, 50)

    @property
    def p99(self) -> float:
        return percentile(self.values, 99)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` percent lie, interpolated between neighbours (numpy's default, Hyndman & Fan 7).

    Raises ValueError when there are no values.
    """
    if not values:
        raise ValueError("no values")
    return float(np.percentile(np.asarray(values, np.float64), share))


def differences(ours: Samples, baseline: Samples) -> Samples:
    """Pair by pair, ours minus the baseline's. Raises ValueError when they are not pairs."""
    return Samples(tuple(a - b for a, b in zip(ours.values, baseline.values, strict=True)), ours.warm_up)


def median_ratio(ours: Sequence[float], baseline: Sequence[float]) -> float:
    """The median of the pairs' ratios: for few, long runs, where one disturbed pair would move a ratio of sums."""
    return median(a / b for a, b in zip(ours, baseline, strict=True))


def turns(names: Sequence[str], items: Sequence[T], rounds: int) -> Iterator[tuple[int, T, tuple[str, ...]]]:
    """(round, item, order of the contenders). Who comes first rotates over items and over rounds.

    The first to ask for an item warms the engine's caches for the others; rotating shares that out.
    """
    for number in range(rounds):
        for place, item in enumerate(items):
            start = (number + place) % len(names)
            yield number, item, (*names[start:], *names[:start])


async def interleave(
    contenders: Mapping[str, Sampler[T]],
    items: Sequence[T],
    *,
    rounds: int,
    warm_up: int,
    before_round: Callable[[], Awaitable[object]] | None = None,
    pause_s: float = 0.0,
    tick: Callable[[], object] = lambda: None,
) -> dict[str, Samples]:
    """Sample every contender on every item, `rounds` times, after `warm_up` items that do not count.

    `before_round` runs before each round, uncounted; `pause_s` lies between two calls; `tick` is called once an item.
    """
    for item in islice(cycle(items), warm_up):
        for sampler in contenders.values():
            await sampler(item)
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    current = -1
    for number, item, order in turns(list(contenders), items, rounds):
        if number != current and before_round is not None:
            await before_round()
        current = number
        for name in order:
            await asyncio.sleep(pause_s)  # also where Ctrl-C gets in: a sampler need not wait for anything
            taken[name].append(await contenders[name](item))
        tick()
    return {name: Samples(tuple(values), warm_up) for name, values in taken.items()}


def seconds_of(work: Callable[[T], object], item: T) -> float:
    """The seconds of one call."""
    started = time.perf_counter()
    work(item)
    return time.perf_counter() - started


async def seconds_of_async(work: Awaitable[object]) -> float:
    """The seconds until `work` is done."""
    started = time.perf_counter()
    await work
    return time.perf_counter() - started

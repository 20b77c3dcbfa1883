"""Rankers as requests, and cross-validated running: each query by the model that did not see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from api.fuse import Candidate
from api.model import PARTS, ROUTES, SearchRequest
from learn.rankers import Ranker, Setup, check_switches, request_of, run_folds, run_ranker
from stack.errors import EngineUnavailableError, InputError


@dataclass
class FakeSearcher:
    """Finds one document, named after the query and the model that ranked it."""

    degraded: tuple[str, ...] = ()
    asked: list[SearchRequest] = field(default_factory=list)

    async def rank(self, request: SearchRequest, depth: int, model: Any = None) -> SimpleNamespace:
        self.asked.append(request)
        row = [Candidate("product", f"{request.q} by {model}", 1.0), Candidate("product", "second", 0.5)]
        return SimpleNamespace(row=row[:depth], degraded=list(self.degraded))


@dataclass(frozen=True)
class FakeFold:
    queries: tuple[str, ...]
    model: str


def test_full_is_whatever_a_live_request_gets() -> None:
    assert request_of(Ranker.FULL, "hub", "product") == SearchRequest(q="hub", types=["product"])


def test_a_route_can_be_taken_away() -> None:
    assert request_of(Setup(Ranker.FULL, ("route:vector",)), "hub", "product").routes == [
        route for route in ROUTES if route != "vector"
    ]
    with pytest.raises(InputError, match="every route is switched off"):
        request_of(Setup(Ranker.BM25, ("route:lexical",)), "hub", "product")


def test_unknown_parts_are_named_with_those_there_are() -> None:
    assert check_switches(["route:vector", "route:vector"]) == ("route:vector",)
    with pytest.raises(InputError, match=r"no such part: magic .there is: .*route:lexical"):
        check_switches(["magic", "spelling"])


def test_parts_are_switched_off_by_name() -> None:
    part = PARTS[0]
    assert request_of(Setup(Ranker.FULL, (part,)), "hub", "product").without == [part]
    assert request_of(Ranker.HYBRID, "hub", "product").without == list(PARTS)


def test_a_step_and_a_route_of_one_name_are_told_apart() -> None:
    step = request_of(Setup(Ranker.FULL, ("category",)), "hub", "product")
    route = request_of(Setup(Ranker.FULL, ("route:category",)), "hub", "product")
    assert (step.without, "category" in step.routes) == (["category"], True)
    assert (route.without, "category" in route.routes) == ([], False)


def test_names() -> None:
    assert str(Setup(Ranker.FULL, ("spelling", "vector"))) == "full without spelling, vector"
    assert str(Setup(Ranker.FULL, note="cross-validated")) == "full (cross-validated)"


async def test_each_query_is_ranked_by_the_model_of_its_own_fold() -> None:
    searcher, seen = FakeSearcher(), []
    folds = [FakeFold(("hub", "mouse"), "first"), FakeFold(("cable",), "second")]
    run = await run_folds(searcher, folds, "product", 10, lambda *done: seen.append(done))  # type: ignore[arg-type]
    assert {query: row[0][0] for query, row in run.items()} == {
        "hub": "hub by first",
        "mouse": "mouse by first",
        "cable": "cable by second",
    }
    assert seen[-1] == ("full (cross-validated)", 3, 3)


async def test_a_query_in_two_folds_is_refused() -> None:
    folds = [FakeFold(("hub",), "first"), FakeFold(("hub",), "second")]
    with pytest.raises(InputError, match="fold 2: query 'hub' is in another fold too"):
        await run_folds(FakeSearcher(), folds, "product", 10)  # type: ignore[arg-type]


async def test_a_degraded_search_is_no_figure() -> None:
    with pytest.raises(EngineUnavailableError, match="query 'hub': dropped vector"):
        await run_ranker(FakeSearcher(("vector",)), Ranker.FULL, ["hub"], "product", 10)  # type: ignore[arg-type]


async def test_scores_fall_with_the_rank() -> None:
    run = await run_ranker(FakeSearcher(), Ranker.FULL, ["hub"], "product", 10)  # type: ignore[arg-type]
    assert run == {"hub": [("hub by None", 2.0), ("second", 1.0)]}

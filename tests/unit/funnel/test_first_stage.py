"""Which candidates the final stage sees: the best by fused score, and those that stand high in a single route."""

from __future__ import annotations

import pytest

from api.funnel.first_stage import select
from api.fuse import Candidate, Found
from stack.rules import FirstStageRules

ALONE = FirstStageRules(agreement=0, rank_constant=10)
AGREED = FirstStageRules(agreement=5, rank_constant=10)


def candidates(count: int, behind: int = 0) -> list[Candidate]:
    near = [Candidate("product", f"p{place}", 1 - place / count) for place in range(count)]
    return near + [Candidate("product", f"b{place}", 0.0, behind=True) for place in range(behind)]


@pytest.mark.parametrize("rules", [ALONE, AGREED])
@pytest.mark.parametrize(("count", "behind", "window"), [(0, 0, 10), (1, 0, 10), (30, 0, 10), (30, 5, 10), (5, 5, 10)])
def test_every_candidate_goes_one_way(rules: FirstStageRules, count: int, behind: int, window: int) -> None:
    given = candidates(count, behind)
    routes = {"lexical": [Found(item.id, 1.0) for item in reversed(given)]}
    head, tail = select(given, routes, window, rules)
    assert sorted([*head, *tail]) == sorted(given)
    assert len(head) == min(count, window)
    assert not any(item.behind for item in head)
    assert [item.behind for item in tail] == sorted(item.behind for item in tail), "what is behind stays behind"
    assert [item.score for item in head] == sorted((item.score for item in head), reverse=True), "in fused order"


def test_without_agreement_the_fused_scores_decide() -> None:
    head, tail = select(candidates(30), {"vector": [Found("p29", 1.0)]}, 10, ALONE)
    assert [item.id for item in head] == [f"p{place}" for place in range(10)]
    assert [item.id for item in tail] == [f"p{place}" for place in range(10, 30)]


def test_the_first_of_a_route_comes_through_where_fusion_buries_it() -> None:
    routes = {"vector": [Found("p29", 0.9)], "lexical": [Found(f"p{place}", 9.0) for place in range(10, 20)]}
    head, _ = select(candidates(30), routes, 10, FirstStageRules(agreement=20, rank_constant=10))
    assert "p29" in [item.id for item in head]
    assert "p20" not in [item.id for item in head]

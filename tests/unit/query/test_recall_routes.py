"""The recall routes beside words and vector: taken when something was understood, by the rules of funnel.yml."""

from __future__ import annotations

from typing import Any

import pytest
from query_plans import RECALL, RULES, VECTOR, plan, understood, walk

from api.model import ROUTES as ALL_ROUTES
from api.query.plan import Plan
from api.query.routes import ROUTES, asked_routes
from stack.documents import KINDS, Kind
from stack.rules import FunnelRules

LIKELY = {"categories": (("Computers > Laptops", 0.9), ("Computers", 0.05))}
UNSURE = {"categories": (("Computers > Laptops", 0.2),)}
SPELLINGS = {"variants": ("smartwatch", "smart-watch")}


def rules(**changes: Any) -> FunnelRules:
    return FunnelRules.model_validate(RULES.funnel.model_dump() | changes)


def routes_of(made: Plan, kind: Kind = "product", given: FunnelRules = RULES.funnel) -> list[str]:
    return asked_routes(made, kind, given)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({}, []),
        (SPELLINGS, ["variants"]),
        (LIKELY, ["category"]),
        (UNSURE, []),
        (SPELLINGS | LIKELY, ["variants", "category"]),
    ],
)
def test_what_was_understood_decides(seen: dict[str, Any], expected: list[str]) -> None:
    assert routes_of(understood("smart watch", **seen)) == expected


@pytest.mark.parametrize(("threshold", "taken"), [(0.9, True), (0.91, False), (0.0, True)])
def test_from_which_certainty_a_category_recalls_is_a_rule(threshold: float, taken: bool) -> None:
    found = routes_of(understood("x", **LIKELY), given=rules(category_recall_from=threshold))
    assert ("category" in found) == taken


def test_a_route_that_is_not_declared_or_not_for_a_kind_is_not_taken() -> None:
    made = understood("smart watch", **SPELLINGS)
    declared = RULES.funnel.model_dump()["routes"]
    assert routes_of(made, given=rules(routes={name: declared[name] for name in ("lexical", "vector")})) == []
    only_videos = declared | {"variants": {"kinds": ["video"], "when": "variants"}}
    assert routes_of(made, "product", rules(routes=only_videos)) == []
    assert routes_of(made, "video", rules(routes=only_videos)) == ["variants"]


@pytest.mark.parametrize("switched_off", sorted(ROUTES))
def test_a_request_can_leave_a_route_out(switched_off: str) -> None:
    seen = understood("smart watch", **SPELLINGS, **LIKELY)
    kept = [name for name in ALL_ROUTES if name != switched_off]
    made = plan(q="smart watch", routes=kept, understanding=seen.understanding)
    assert switched_off not in [each.purpose for each in RECALL.parts(made, VECTOR)]
    assert set(ROUTES) - {switched_off} <= {each.purpose for each in RECALL.parts(made, VECTOR)}


def test_every_declared_route_is_there() -> None:
    assert RULES.funnel.routes.keys() == {"lexical", "vector", *ROUTES} == set(ALL_ROUTES)


@pytest.mark.parametrize("request_", [{"q": ""}, {"q": "watch", "sort": "price_asc", "types": ["product"]}])
def test_no_other_routes_where_relevance_is_not_the_order(request_: dict[str, Any]) -> None:
    made = plan(**request_, understanding=understood(request_["q"], **SPELLINGS, **LIKELY).understanding)
    assert {each.purpose for each in RECALL.parts(made, VECTOR)} & set(ROUTES) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_routes_search_the_window_within_the_filters(kind: Kind) -> None:
    seen = understood("smart watch", **SPELLINGS, **LIKELY, excluded=("strap",)).understanding
    made = plan(q="smart watch", filters={"category": "Wearables"}, understanding=seen, page=3)
    for each in RECALL.parts(made, VECTOR):
        if each.kind == kind and each.purpose in ROUTES:
            assert each.body["size"] == RULES.fusion.window[each.kind]
            assert each.body["track_total_hits"] is False
            filters = each.body["query"]["bool"]["filter"]
            assert {"terms": {"category_path": ["Wearables"]}} in filters
            assert any("must_not" in clause.get("bool", {}) for clause in filters)


def test_other_spellings_are_searched_as_the_words_are() -> None:
    made = understood("smart watch", variants=("smartwatch", "43.2cm"))
    queries = ROUTES["variants"](made, "product", RULES)["dis_max"]["queries"]
    texts = [{leaf for path, leaf in walk(query) if path[-1] == "query" and isinstance(leaf, str)} for query in queries]
    assert texts == [{"smartwatch"}, {"43.2cm"}]


def test_of_a_category_the_best_is_taken_and_those_with_the_words_come_first() -> None:
    query = ROUTES["category"](understood("notebook", **LIKELY), "product", RULES)["bool"]
    assert query["filter"] == [{"term": {"category_path": "Computers > Laptops"}}]
    words, popular = query["should"]
    assert words["constant_score"]["boost"] > 1, "popularity is 0 to 1: it never goes before the words"
    assert "function_score" in popular

"""What is asked for in the words themselves: a price, what is not wanted, a category that is certain."""

from __future__ import annotations

from typing import Any

import pytest
from query_plans import FIELDS, RECALL, RULES, VECTOR, plan, understood

from api.model import RangeFilter
from api.query.plan import Plan
from api.query.wishes import wish_clauses
from api.understand.model import PriceRange
from stack.documents import KINDS, Kind

PATH = "Computers > Laptops"
CERTAIN = {"categories": ((PATH, 0.99),)}


def clauses(made: Plan, kind: Kind = "product", but: str | None = None) -> list[dict[str, Any]]:
    return wish_clauses(made, kind, RULES.funnel, but)


def with_filters(made: Plan, **filters: Any) -> Plan:
    return plan(q=made.request.q, filters=filters, understanding=made.understanding)


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (PriceRange(lte=500), [{"range": {"price": {"lte": 500}}}]),
        (PriceRange(gte=20, lte=50), [{"range": {"price": {"gte": 20, "lte": 50}}}]),
        (PriceRange(gte=0.0), [{"range": {"price": {"gte": 0.0}}}]),
        (PriceRange(wish="cheap"), []),
        (None, []),
    ],
)
def test_a_price_restricts_products(price: PriceRange | None, expected: list[dict[str, Any]]) -> None:
    made = understood("laptop", price=price)
    assert clauses(made) == expected
    assert clauses(made, "video") == clauses(made, "live") == [], "they have no price"


def test_the_requests_own_filter_goes_before_the_words() -> None:
    made = understood("laptop", price=PriceRange(lte=500), **CERTAIN)
    assert len(clauses(made)) == 2
    assert [list(each) for each in clauses(with_filters(made, price=RangeFilter(gte=800)))] == [["bool"]]
    assert [list(each) for each in clauses(with_filters(made, category="Home"))] == [["range"]]
    sent = RECALL.parts(with_filters(made, price=RangeFilter(gte=800)), VECTOR)
    for each in sent:
        filters = each.body["query"].get("bool", {}).get("filter", [])
        assert {"range": {"price": {"lte": 500}}} not in filters


def test_a_facet_is_counted_without_the_wish_of_its_own_field() -> None:
    made = understood("laptop", price=PriceRange(lte=500), **CERTAIN)
    assert [list(each) for each in clauses(made, but="category")] == [["range"]]
    assert [list(each) for each in clauses(made, but="price")] == [["bool"]]
    assert len(clauses(made, but="brand")) == 2


@pytest.mark.parametrize(("share", "filtered"), [(0.99, True), (RULES.funnel.category_filter_from, True), (0.9, False)])
def test_only_a_category_that_is_nearly_certain_filters(share: float, filtered: bool) -> None:
    made = understood("laptop", categories=((PATH, share), ("Computers", 0.005)))
    assert bool(clauses(made)) == filtered


def test_a_certain_category_filters_products_alone() -> None:
    """A live says `Computers`, a video `Science & Technology`: neither is in the category of a product."""
    made = understood("laptop", **CERTAIN)
    assert clauses(made)
    assert clauses(made, "video") == clauses(made, "live") == []


def test_a_document_without_a_category_stays() -> None:
    (clause,) = clauses(understood("laptop", **CERTAIN))
    assert clause["bool"]["minimum_should_match"] == 1
    assert clause["bool"]["should"] == [
        {"term": {"category_path": PATH}},
        {"bool": {"must_not": [{"exists": {"field": "category_path"}}]}},
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_excluded_is_kept_out_by_what_a_document_says_of_itself(kind: Kind) -> None:
    found = clauses(understood("mouse", excluded=("cable", "gaming")), kind)
    said = [each["bool"]["must_not"][0]["multi_match"] for each in found]
    assert [each["query"] for each in said] == ["cable", "gaming"]
    assert all(each["type"] == "phrase" for each in said)
    assert all("description" not in each["fields"] for each in said), "it may mention what it does without"


def test_wishes_restrict_every_route_and_the_counts() -> None:
    made = understood("mouse", excluded=("cable",), price=PriceRange(lte=20), variants=("mice",))
    for each in RECALL.parts(made, VECTOR):
        if each.purpose == "vector":
            filters = each.body["query"]["knn"]["text_vector"]["filter"]["bool"]["filter"]
        else:
            filters = each.body["query"]["bool"]["filter"]
        assert len(filters) == (2 if each.kind == "product" else 1), (each.kind, each.purpose)


def test_price_and_category_are_fields_that_a_request_can_filter() -> None:
    """The names under which a request's own filter is looked for."""
    assert FIELDS.find("price") is not None
    assert FIELDS.find("category") is not None

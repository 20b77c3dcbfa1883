"""What the clauses of features are filled with, from plans of every kind of query."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from query_plans import RULES, understood

from api.funnel.feature_set import load_features
from api.funnel.final_stage import feature_body
from api.funnel.params import CLAUSE_PARAMS, MAX_WORDS, NONE, QUERY_FEATURES, clause_params
from api.query.plan import Plan
from api.understand.model import PriceRange, Span
from stack.documents import KINDS, Kind
from stack.settings import ROOT

# The engine takes 1,024 clauses a query; a word costs one for each field it is looked for in.
MOST_CLAUSES = 1_024
PLANS: dict[str, Plan] = {
    "plain": understood("wireless mouse"),
    "one letter": understood("a"),
    "unknown words": understood("xyzzy qwrtz"),
    "64 words": understood(" ".join(f"word{n}" for n in range(64))),
    "64 model numbers": understood(" ".join(f"ab{n:03}-x" for n in range(64))),
    "compounds": understood("-".join("ab" for _ in range(64))),
    "no spaces": understood("吉" * 200),
    "signs": understood("\"'{}[]$text {{text}} \\ / * ? ~ ^"),
    "everything": understood(
        "hp black laptop for dv7",
        spans=(
            Span("brand", "hp", "HP", 0.9, "brand"),
            Span("colour", "black", "Black", 1.0, "attr.colour"),
            Span("size", '17"', "17.0", 0.8),
            Span("person", "ann", "Ann", 0.7),
            Span("compatible", "for dv7", "dv7", 0.9),
        ),
        categories=(("Computers > Laptops", 0.8), ("Computers", 0.1), ("Odd", 0.0)),
        informativeness={"hp": 0.2, "laptop": 0.8, "for": 0.0},
        price=PriceRange(gte=20, lte=50.5),
        intent={"product": 0.9, "video": 0.1},
    ),
    "nothing is sure": understood(
        "x", spans=(Span("brand", "x", "X", 0.0, "brand"),), categories=(("A", 0.0),), informativeness={"x": 0.0}
    ),
    "only a direction": understood("cheap x", price=PriceRange(wish="cheap")),
}


def params(plan: Plan, kind: Kind = "product") -> dict[str, Any]:
    return clause_params(plan, kind, [0.6, 0.8], RULES.lexical)


def nodes(clause: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a body with its value."""
    if isinstance(clause, dict):
        for key, value in clause.items():
            yield key, value
            yield from nodes(value)
    elif isinstance(clause, list):
        for item in clause:
            yield from nodes(item)


def boosts(clauses: list[dict[str, Any]]) -> list[float]:
    return [each["constant_score"]["boost"] for each in clauses]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PLANS)
def test_no_clause_is_empty_or_weighs_nothing(name: str, kind: Kind) -> None:
    """An empty `should` matches everything: a feature that is absent would be present in all."""
    given = params(PLANS[name], kind)
    assert set(given) == {*CLAUSE_PARAMS, "query_features"}
    for each, value in given.items():
        if isinstance(value, list) and each != "model_keys":
            assert value, each
    for key, value in nodes(feature_body(["a"], load_features(ROOT / "mappings", kind), given)["query"]):
        assert not (key == "should" and value == [])
        assert not (key == "boost" and value <= 0)
        assert not (key == "range" and not next(iter(value.values())))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PLANS)
def test_a_feature_request_stays_within_the_engines_limits(name: str, kind: Kind) -> None:
    given = params(PLANS[name], kind)
    assert len(given["title_words"]) <= MAX_WORDS >= len(given["title_idf"])
    assert len(given["title_words"]) + len(given["title_idf"]) < MOST_CLAUSES / 4
    assert len(given["model_keys"]) + len(given["model_prefixes"]) < MOST_CLAUSES / 4


def test_coverage_weighs_every_word_alike_and_information_by_what_it_says() -> None:
    given = params(PLANS["everything"])
    assert sum(boosts(given["title_words"])) == pytest.approx(1, abs=1e-4)
    assert boosts(given["title_idf"]) == [0.2, 0.8], "a word that says nothing costs no clause"
    assert boosts(params(PLANS["plain"])["title_words"]) == [0.5, 0.5]
    assert params(PLANS["unknown words"])["title_idf"] == NONE


def test_what_was_recognised_weighs_its_certainty() -> None:
    given = params(PLANS["everything"])
    assert given["brands"] == [{"constant_score": {"filter": {"term": {"brand.keyword": "HP"}}, "boost": 0.9}}]
    assert boosts(given["categories"]) == [0.8, 0.1]
    assert boosts(given["attributes"]) == [0.5, 0.5], "a share of those that were asked for"
    (first, _) = given["attributes"]
    assert {"term": {"attribute_values": "colour=Black"}} in first["constant_score"]["filter"]["bool"]["should"]
    assert boosts(given["people"]) == [0.7]
    assert len(given["compatible"]) == 1
    (price,) = given["price_range"]
    assert price["constant_score"]["filter"] == {"range": {"price": {"gte": 20, "lte": 50.5}}}


def test_what_was_not_recognised_matches_nothing() -> None:
    for name in ("plain", "nothing is sure", "only a direction"):
        given = params(PLANS[name])
        for each in ("brands", "categories", "attributes", "people", "compatible", "price_range", "model_prefixes"):
            assert given[each] == NONE, (name, each)


def test_features_of_the_query() -> None:
    seen = params(PLANS["everything"])["query_features"]
    assert set(seen) == set(QUERY_FEATURES)
    assert seen == {
        "words": 5, "has_model": 0, "brand": 0.9, "category": 0.8, "informativeness": 0.8, "intent": 0.9,
        "shopper_affinity": 0,
    }  # fmt: skip
    assert params(understood("hp dv7-1211ea"))["query_features"]["has_model"] == 1
    assert params(PLANS["everything"], "live")["query_features"]["intent"] == 0
    assert set(params(PLANS["plain"])["query_features"].values()) == {0, 2}


def test_the_words_of_the_language_that_was_understood() -> None:
    fields = params(PLANS["plain"], "video")["all_fields"]
    assert fields
    assert all(field.partition("^")[0].endswith(".en") for field in fields)
    json.dumps(params(PLANS["signs"]))

"""Why a query does badly, in words that name the cause."""

from __future__ import annotations

import re

import pytest

from learn.evaluate import Evaluation
from learn.items import Item
from learn.judgments import Judgments
from learn.measures import measure
from learn.rankers import Ranker, Setup
from learn.worst import BadQuery, documents_of, why, worst_queries


def explained(ratings: dict[str, int], found: list[str]) -> BadQuery:
    judgments = Judgments({"hub": ratings}, ("rated.csv",))
    run = {"hub": [(doc, float(len(found) - place)) for place, doc in enumerate(found)]}
    evaluation = Evaluation(Setup(Ranker.FULL), run, measure(run, judgments))
    items = {doc: Item(doc, f"title of {doc}") for doc in documents_of("hub", evaluation, judgments) if doc != "gone"}
    return why("hub", evaluation, judgments, items)


OTHERS = [f"x{place}" for place in range(20)]
ZEROS = dict.fromkeys(OTHERS, 0)


@pytest.mark.parametrize(
    ("ratings", "found", "first", "also"),
    [
        ({"a": 3, "b": 3, "c": 3} | ZEROS, OTHERS, "not recalled: 3 of the 3 best", "not relevant: 10 of the top 10"),
        ({"a": 3, "b": 3, "c": 3}, [*OTHERS, "b"], "not recalled: 2", "unjudged: 10"),
        ({"a": 3, "b": 2, "c": 1}, [*OTHERS[:9], "a", "b", "c"], "unjudged: 9 of the top 10; .* nDCG@10 is 1.00", ""),
        ({"a": 3, "b": 3, "c": 3, "d": 3} | ZEROS, [*OTHERS, "a", "b", "c", "d"], "ranked low: 4 of the best", ""),
        ({"a": 1}, ["y", "a"], "few relevant: only 1 judged document is above 0", ""),
        ({"a": 1, "b": 2, "c": 3}, ["a", "b", "c"], "order: the best stand in the top 10", ""),
        ({"a": 1}, [], "nothing was found", ""),
    ],
)
def test_the_dearest_reason_comes_first(ratings: dict[str, int], found: list[str], first: str, also: str) -> None:
    reasons = explained(ratings, found).reasons
    assert re.match(first, reasons[0]), reasons
    assert any(re.match(also, reason) for reason in reasons), reasons


def test_it_shows_what_stood_first_and_what_is_missing() -> None:
    bad = explained({"a": 3, "gone": 2, "z": 0}, ["y", "z"])
    assert [(each.item.title, each.rating, each.rank) for each in bad.top] == [
        ("title of y", None, 1),
        ("title of z", 0, 2),
    ]
    assert [(each.item.title, each.rating, each.rank) for each in bad.missed] == [
        ("title of a", 3, None),
        ("(not in the index)", 2, None),
    ]


def test_the_worst_are_the_lowest() -> None:
    judgments = Judgments({"good": {"a": 1}, "bad": {"b": 1}, "none": {"c": 0}}, ("rated.csv",))
    run = {"good": [("a", 1.0)], "bad": [("a", 1.0)], "none": [("a", 1.0)]}
    evaluation = Evaluation(Setup(Ranker.FULL), run, measure(run, judgments))
    assert worst_queries(evaluation, judgments) == ["bad", "good"]

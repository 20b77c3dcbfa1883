"""Queries that are nearly the same share a fold; folds are even, and the same for the same seed."""

from __future__ import annotations

import pytest
from train_logs import WORDS

from learn.train.folds import families, is_near, make_folds
from stack.errors import InputError


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("laptop", "laptops", True),
        ("battery", "Batteries", True),
        ("bluetooth speaker", "speakers", True),
        ("usb hub", "hub usb", True),
        ("iphone 8", "iphone", True),
        ("headset", "head set", True),
        ("wirless mouse", "mouse wireless", True),
        ("keyborad", "keyboard", True),
        ("smartphone", "smartphones case", True),
        ("fan", "van", False),
        ("usb hub", "usb stick", False),
        ("gaming mouse", "gaming laptop", False),
        ("camera", "computer", False),
        ("wireless", "wirele", False),
        ("wireless mouse", "gaming keyboard", False),
    ],
)
def test_is_near(first: str, second: str, near: bool) -> None:
    assert is_near(first, second) is near
    assert is_near(second, first) is near


def test_families_are_chained_and_shared_documents_make_one() -> None:
    relevant = {"ps4": {"1", "2", "3"}, "playstation 4": {"2", "3"}, "tv": {"3", "4"}}
    queries = ["laptop", "ps4", "laptop stand", "tv", "playstation 4", "stand"]
    assert families(queries, relevant) == [("laptop", "laptop stand", "stand"), ("ps4", "playstation 4"), ("tv",)]


def test_folds_hold_each_query_once_and_families_whole() -> None:
    queries = [*WORDS, *(f"{word}s" for word in WORDS[:5])]
    relevant = {query: {query} for query in queries if query != "zipper"}
    folds = make_folds(queries, relevant, 5, seed=3)
    assert sorted(query for fold in folds for query in fold) == sorted(queries)
    taught = [sum(query in relevant for query in fold) for fold in folds]
    assert max(taught) - min(taught) <= 1
    for word in WORDS[:5]:
        assert any({word, f"{word}s"} <= set(fold) for fold in folds)


def test_the_seed_decides() -> None:
    relevant = {query: {query} for query in WORDS}
    assert make_folds(WORDS, relevant, 4, seed=1) == make_folds(WORDS, relevant, 4, seed=1)
    assert make_folds(WORDS, relevant, 4, seed=1) != make_folds(WORDS, relevant, 4, seed=2)


def test_fewer_families_than_folds_are_refused_with_their_number() -> None:
    relevant = {query: {query} for query in ("laptop", "laptops", "tv")}
    with pytest.raises(InputError, match=r"3 folds need .*there are 2.*Ask for fewer folds"):
        make_folds(["laptop", "laptops", "tv", "shoes"], relevant, 3, seed=1)

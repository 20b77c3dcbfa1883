"""How near a candidate is, and the order of the row."""

from __future__ import annotations

import pytest

from api.browse.nearness import Near, Traits, in_order, nearness, price_closeness, shared_path
from api.browse.rules import load_similar_rules
from stack.settings import ROOT

RULES = load_similar_rules(ROOT / "mappings")
MICE = frozenset({"Electronics", "Electronics > Mice"})
ITEM = Traits("product", "p1", MICE, 20.0, "EUR", "g1")


def other(id_: str, **traits: object) -> Traits:
    return Traits(**({"kind": "product", "id": id_, "categories": MICE, "price": 20.0, "currency": "EUR"} | traits))  # type: ignore[arg-type]


def row(*found: Near) -> list[str]:
    return [near.traits.id for near, _ in in_order(ITEM, found, RULES)]


def test_meaning_category_and_price_each_count() -> None:
    base = nearness(ITEM, Near(other("a"), 0.8), RULES)
    assert nearness(ITEM, Near(other("a"), 0.7), RULES) < base
    assert nearness(ITEM, Near(other("a", categories=frozenset({"Home"})), 0.8), RULES) < base
    assert nearness(ITEM, Near(other("a", price=60.0), 0.8), RULES) < base


@pytest.mark.parametrize(
    ("price", "currency", "closeness"),
    [(20.0, "EUR", 1.0), (40.0, "EUR", 0.5), (10.0, "EUR", 0.5), (80.0, "EUR", 0.0), (900.0, "EUR", 0.0),
     (20.0, "USD", 0.5), (None, "EUR", 0.5), (0.0, "EUR", 0.5)],
)  # fmt: skip
def test_prices(price: float | None, currency: str, closeness: float) -> None:
    assert price_closeness(ITEM, other("a", price=price, currency=currency), RULES.price_fold) == pytest.approx(
        closeness
    )


def test_paths() -> None:
    assert shared_path(MICE, MICE) == 1
    assert shared_path(MICE, frozenset({"Electronics"})) == 0.5
    assert shared_path(MICE, frozenset({"Home"})) == 0
    assert shared_path(MICE, frozenset()) == 0.5


def test_the_item_its_variants_and_second_variants_of_others_are_left_out() -> None:
    assert row(
        Near(other("p1"), 1.0), Near(other("variant", group_id="g1"), 0.99), Near(other("a", group_id="g2"), 0.8),
        Near(other("b", group_id="g2"), 0.9), Near(other("c"), 0.7),
    ) == ["b", "c"]  # fmt: skip


def test_the_same_id_of_another_type_is_another_item() -> None:
    assert row(Near(Traits("video", "p1"), 0.5)) == ["p1"]


def test_what_is_sold_out_stands_last_and_what_shows_the_item_first() -> None:
    assert row(
        Near(other("gone", available=False), 0.99), Near(other("near"), 0.9), Near(other("shown"), None, linked=True)
    ) == ["shown", "near", "gone"]  # fmt: skip


def test_equally_near_ones_come_in_one_order() -> None:
    found = [Near(other(id_), 0.5) for id_ in "cab"]
    assert row(*found) == row(*found[::-1]) == ["a", "b", "c"]

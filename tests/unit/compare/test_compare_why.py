"""Why a hit moved, in words."""

from __future__ import annotations

import pytest

from api.compare.why import move_of, pulls, weight_of, why
from api.model import Explanation, Reason

LABELS = ("hybrid", "full")


def explained(routes: dict[str, int], effects: dict[str, float] | None = None) -> Explanation:
    """By a model when there are effects."""
    if effects is None:
        return Explanation(summary="", routes=routes, first_stage=1)
    reasons = [Reason(feature=name, label=name, value=1, effect=effect) for name, effect in effects.items()]
    return Explanation(
        summary="", routes=routes, first_stage=1, final_stage=1, score=sum(effects.values()), average=0, reasons=reasons
    )


@pytest.mark.parametrize(
    ("a", "b", "move"),
    [(5, 2, "▲3"), (2, 4, "▼2"), (3, 3, "="), (11, 3, "new"), (None, 3, "new"), (3, 11, "gone"), (3, None, "gone")],
)
def test_a_move_is_from_the_first_to_the_second(a: int | None, b: int | None, move: str) -> None:
    assert move_of(a, b, 10) == move


def test_a_move_at_the_top_weighs_more() -> None:
    assert weight_of(1, 3) > weight_of(5, 9) > weight_of(9, 10) > weight_of(4, 4) == 0
    assert weight_of(None, 1) == 1


LEXICAL, VECTOR, BOTH = {"lexical": 3}, {"vector": 2}, {"lexical": 3, "vector": 2}


@pytest.mark.parametrize(
    ("places", "first", "second", "said"),
    [
        ((3, 1), LEXICAL, BOTH, "Found by its meaning (2nd)."),
        ((3, 1), LEXICAL, VECTOR, "Found by its meaning (2nd), not by its words."),
        ((3, 1), BOTH, LEXICAL, "Not by its meaning."),
        ((9, 1), {"lexical": 40}, {"lexical": 2}, "Its words 40th → 2nd."),
        ((4, 2), LEXICAL, LEXICAL, "Others fell behind it."),
        ((2, 4), LEXICAL, LEXICAL, "Others moved past it."),
        ((2, 2), LEXICAL, BOTH, ""),
    ],
)
def test_routes_in_words(places: tuple[int, int], first: dict[str, int], second: dict[str, int], said: str) -> None:
    assert why(places, (explained(first), explained(second)), ({}, {}), LABELS) == said


def test_what_only_one_ranker_finds_is_said_to_be_so() -> None:
    assert why((None, 2), (None, explained(VECTOR)), ({}, {}), LABELS) == "Only full finds it, by its meaning (2nd)."
    assert why((2, None), (explained(LEXICAL), None), ({}, {}), LABELS) == "Only hybrid finds it, by its words (3rd)."
    behind = why((2, None), (explained({}), None), ({}, {}), LABELS)
    assert behind == "Only hybrid finds it, behind the window of its routes."


def test_features_are_named_for_the_hit_that_they_moved() -> None:
    """A title that all hits have moves none of them; the brand that one of them has moves that one."""
    row = {
        "brand": explained(LEXICAL, {"title": 2.0, "the brand": 1.0, "price": -0.01}),
        "plain": explained(LEXICAL, {"title": 2.0, "the brand": -0.5, "price": 0.01}),
    }
    pulled = pulls(row)
    none = explained(LEXICAL)
    assert why((7, 1), (none, row["brand"]), ({}, pulled["brand"]), LABELS) == "Lifted by: the brand."
    assert why((1, 7), (none, row["plain"]), ({}, pulled["plain"]), LABELS) == "Held back by: the brand."
    # The other way round: what the first ranker gave is gone in the second.
    assert why((1, 7), (row["brand"], none), (pulled["brand"], {}), LABELS) == "Held back by: the brand."
    # It fell though its features speak for it: then others rose.
    assert why((1, 7), (none, row["brand"]), ({}, pulled["brand"]), LABELS) == "Others moved past it."


def test_models_of_different_scale_compare() -> None:
    small = {"a": explained(LEXICAL, {"title": 0.1}), "b": explained(LEXICAL, {"title": -0.1})}
    large = {"a": explained(LEXICAL, {"title": 10.0}), "b": explained(LEXICAL, {"title": -10.0})}
    assert pulls(small) == pulls(large)
    pulled = (pulls(small)["a"], pulls(large)["a"])
    assert why((2, 1), (small["a"], large["a"]), pulled, LABELS) == "Others fell behind it."


def test_the_first_stages_own_score_is_no_reason() -> None:
    row = {"a": explained(LEXICAL, {"fused": 3.0, "fused_rank": 1.0}), "b": explained(LEXICAL, {"fused": -1.0})}
    assert pulls(row) == {"a": {}, "b": {}}
    assert pulls({"a": explained(LEXICAL, {"title": 1.0})}) == {}
    assert pulls({"a": explained(LEXICAL), "b": explained(LEXICAL)}) == {}

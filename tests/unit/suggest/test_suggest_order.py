"""The order of the list, and how the kinds share it."""

from __future__ import annotations

from suggest_shop import RULES, completer

from api.suggest.model import SUGGESTION_KINDS, Suggestion
from api.suggest.order import in_order, title_lines
from api.suggest.titles import Title
from api.suggest.typed import read_typed

TITLES = [Title(f"p{n}", f"Mouse number {n}", 9.9 + n, "EUR", 0.9 - n / 10) for n in range(5)]


def listed(q: str, limit: int = 8, titles: list[Title] = TITLES, slips: int = 0) -> list[Suggestion]:
    typed = read_typed(q)
    lines = title_lines(titles, typed.key, slips, RULES.slips.cost, RULES.order)
    return in_order(completer().fitting(typed, SUGGESTION_KINDS, limit), lines, limit, RULES.order)


def test_no_kind_fills_the_list_while_others_have_something() -> None:
    shown = listed("m")
    kinds = [one.kind for one in shown]
    assert len(shown) == 8
    assert RULES.order.least["product"] <= kinds.count("product") <= RULES.order.most["product"]
    assert {"query", "brand", "category", "creator"} <= set(kinds)


def test_products_fill_what_the_others_leave() -> None:
    shown = listed("mouse", 8)
    assert [one.kind for one in shown if one.kind != "product"] == ["query", "query"]
    assert sum(one.kind == "product" for one in shown) == 5


def test_details_places_and_marks() -> None:
    shown = {one.text: one for one in listed("mouse")}
    assert shown["Mouse number 0"].detail == "9.90 EUR"
    assert shown["Mouse number 0"].href == "/items/product/p0"
    assert shown["wireless mouse"].marked == [(9, 14)]
    bare = listed("mouse", titles=[Title("a/b c", "Mouse", None, None, 0.0)])
    assert next(one for one in bare if one.kind == "product").href == "/items/product/a%2Fb%20c"
    assert next(one for one in bare if one.kind == "product").detail is None


def test_a_category_says_more_than_a_query_of_its_words() -> None:
    shown = listed("electronics", titles=[])
    assert [(one.kind, one.text) for one in shown] == [("category", "Electronics")]


def test_mended_lines_say_so_and_stand_behind_what_was_typed() -> None:
    assert all(one.corrected for one in listed("wirless mo", titles=[]))
    assert not any(one.corrected for one in listed("wireless mo", titles=[]))
    exact = title_lines(TITLES[:1], "mouse", 0, RULES.slips.cost, RULES.order)
    mended = title_lines(TITLES[:1], "mouse", 1, RULES.slips.cost, RULES.order)
    assert exact[0].score > mended[0].score


def test_the_same_lines_in_any_order_give_the_same_list() -> None:
    fitting = completer().fitting(read_typed("m"), SUGGESTION_KINDS, 8)
    lines = title_lines(TITLES, "m", 0, 0.5, RULES.order)
    assert in_order(fitting, lines, 8, RULES.order) == in_order(fitting[::-1], lines[::-1], 8, RULES.order)


def test_a_short_list_is_the_head_of_the_order() -> None:
    assert len(listed("m", 1)) == 1
    assert listed("zzzz", titles=[]) == []

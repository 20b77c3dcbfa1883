"""Rankers by name: what a name means, what is wrong with one, and the request it stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.compare.rankers import BARE, RANKERS, SWITCHES, Ranker, read_ranker, read_rankers, request_of
from api.model import PARTS, ROUTES, SearchRequest
from stack.errors import InputError

LIVE = SearchRequest(q="laptop", types=["product"], explain=True)


@pytest.mark.parametrize(
    ("text", "ranker"),
    [
        ("full", Ranker("full")),
        (" bm25 ", Ranker("bm25")),
        ("full:-spelling,-final_stage,-spelling", Ranker("full", ("spelling", "final_stage"))),
        ("full:-category,-route:category", Ranker("full", ("category", "route:category"))),
        ("hybrid:-route:lexical", Ranker("hybrid", ("route:lexical",))),
        ("model:20261121-153000-1a2b3c", Ranker("model", (), "20261121-153000-1a2b3c")),
        ("model:v1.2:-price,-route:vector", Ranker("model", ("price", "route:vector"), "v1.2")),
    ],
)
def test_a_name_means_a_ranker(text: str, ranker: Ranker) -> None:
    assert read_ranker(text, "a") == ranker
    assert read_ranker(str(ranker), "a") == ranker


@pytest.mark.parametrize(
    ("text", "what", "allowed"),
    [
        ("", "no such ranker", "full"),
        ("FULL", "no such ranker", "full"),
        ("full-spelling", "no such ranker", "full:-<part>"),
        ("full:", "written :-part", "full:-<part>"),
        ("full:spelling", "written :-part", "full:-<part>"),
        ("full:-speling", "no such part: speling", "spelling"),
        ("full:-route:lexicl", "no such part: route:lexicl", "route:lexical"),
        ("model", "has a version", "model:<version>"),
        ("model::-spelling", "has a version", "model:<version>"),
        ("bm25:-route:lexical", "every route", ""),
        ("full:-route:lexical,-route:vector,-route:variants,-route:category", "every route", ""),
    ],
)
def test_a_wrong_name_says_what_there_is(text: str, what: str, allowed: str) -> None:
    with pytest.raises(InputError) as raised:
        read_ranker(text, "b")
    (mistake,) = raised.value.mistakes
    assert mistake.where == "b"
    assert what in mistake.what
    assert allowed in " ".join(mistake.allowed)


def test_the_mistakes_of_both_sides_come_together() -> None:
    with pytest.raises(InputError) as raised:
        read_rankers([("a", "ful"), ("b", "full:-x,-y")])
    assert [mistake.where for mistake in raised.value.mistakes] == ["a", "b", "b"]


@given(
    st.sampled_from(("full", "hybrid", "model")),
    st.lists(st.sampled_from([name for name in SWITCHES if not name.startswith("route:")]), unique=True),
)
def test_any_switches_survive_their_own_name(base: str, parts: list[str]) -> None:
    ranker = Ranker(base, tuple(parts), "v1" if base == "model" else None)  # type: ignore[arg-type]
    assert read_ranker(str(ranker), "a") == ranker


@pytest.mark.parametrize(("name", "routes"), [*BARE.items(), ("full", ROUTES), ("model:v1", ROUTES)])
def test_a_ranker_is_a_live_request_with_parts_switched_off(name: str, routes: tuple[str, ...]) -> None:
    request = request_of(read_ranker(name, "a"), LIVE)
    assert tuple(request.routes) == routes
    assert request.without == (list(PARTS) if name in BARE else [])
    assert request.model_copy(update={"routes": LIVE.routes, "without": []}) == LIVE


def test_switched_off_parts_and_routes_are_left_out_of_the_request() -> None:
    request = request_of(read_ranker("full:-spelling,-route:vector", "a"), LIVE)
    assert request.without == ["spelling"]
    assert set(ROUTES) - set(request.routes) == {"vector"}


def test_every_name_that_a_form_offers_can_be_read() -> None:
    assert [str(ranker) for ranker in read_rankers(("a", name) for name in RANKERS)] == list(RANKERS)

"""Fusion: what a shopper sees of two routes must not hang on their order, their scale or the number of pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api.fuse import LEAST, Found, fuse, min_max
from api.model import Fusion
from stack.documents import KINDS
from stack.rules import FusionRules, load_rules
from stack.settings import ROOT

RULES = load_rules(Path(ROOT / "mappings")).fusion
quick = hypothesis_settings(deadline=None, max_examples=60)
fusions = st.sampled_from(["score", "rrf"])
scores = st.floats(0, 1e4, allow_nan=False)


@st.composite
def routes_of(draw: st.DrawFn, least: int = 0) -> list[Found]:
    """What one route returns: ids at most once, best score first."""
    ids = draw(st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, min_size=least))
    values = sorted((draw(scores) for _ in ids), reverse=True)
    return [Found(id_, value) for id_, value in zip(ids, values, strict=True)]


def window(size: int, **changes: object) -> FusionRules:
    return RULES.model_copy(update={"window": dict.fromkeys(KINDS, size), **changes})


def ids(candidates: list) -> list[str]:
    return [item.id for item in candidates]


@quick
@given(routes_of(least=1))
def test_min_max_keeps_scores_above_zero_and_the_best_at_one(found: list[Found]) -> None:
    normal = min_max(found)
    assert all(LEAST <= value <= 1 for value in normal.values())
    assert normal[found[0].id] == 1
    ordered = [normal[item.id] for item in found]
    assert ordered == sorted(ordered, reverse=True)


def test_min_max_of_nothing_and_of_equals() -> None:
    assert min_max([]) == {}
    assert min_max([Found("a", 3.0), Found("b", 3.0)]) == {"a": 1.0, "b": 1.0}
    assert min_max([Found("a", 5.0), Found("b", 4.0), Found("c", 1.0)]) == {"a": 1.0, "b": 0.75, "c": LEAST}


@quick
@given(routes_of(), routes_of(), fusions)
def test_the_order_of_the_routes_does_not_matter(lexical: list[Found], vector: list[Found], fusion: Fusion) -> None:
    one = fuse("product", {"lexical": lexical, "vector": vector}, fusion, RULES)
    other = fuse("product", {"vector": vector, "lexical": lexical}, fusion, RULES)
    assert ids(one) == ids(other)
    assert [item.score for item in one] == pytest.approx([item.score for item in other])


@quick
@given(routes_of(), routes_of(), fusions)
def test_each_document_once_with_the_raw_score_of_each_route(
    lexical: list[Found], vector: list[Found], fusion: Fusion
) -> None:
    fused = fuse("video", {"lexical": lexical, "vector": vector}, fusion, RULES)
    assert sorted(ids(fused)) == sorted({item.id for item in lexical + vector})
    for item in fused:
        assert item.kind == "video"
        assert item.routes.get("lexical") == next((found.score for found in lexical if found.id == item.id), None)
        assert item.routes.get("vector") == next((found.score for found in vector if found.id == item.id), None)
    assert [item.score for item in fused] == sorted((item.score for item in fused), reverse=True)
    assert all(0 <= item.score <= 1 for item in fused)


@quick
@given(routes_of(), fusions)
def test_one_route_alone_keeps_its_order(found: list[Found], fusion: Fusion) -> None:
    fused = fuse("product", {"lexical": found}, fusion, RULES)
    assert [found.score for found in found] == [item.routes["lexical"] for item in fused]


def test_one_route_alone_keeps_its_order_where_scores_are_close() -> None:
    """A model number scores 100 and more: the rest is then all at the least normalised score."""
    found = [Found("model", 1000.0), Found("z", 0.9), Found("a", 0.2), Found("m", 0.1)]
    assert ids(fuse("product", {"lexical": found}, "score", RULES)) == ["model", "z", "a", "m"]


def test_reciprocal_ranks_of_a_small_example() -> None:
    """Cormack, Clarke & Büttcher 2009 with c = 60, worked by hand."""
    lexical = [Found("a", 9.0), Found("b", 8.0), Found("c", 1.0)]
    vector = [Found("c", 0.9), Found("a", 0.8)]
    fused = fuse("product", {"lexical": lexical, "vector": vector}, "rrf", window(200, rank_constant=60))
    assert {item.id: item.score for item in fused} == pytest.approx(
        {"a": 1 / 61 + 1 / 62, "c": 1 / 63 + 1 / 61, "b": 1 / 62}
    )
    assert ids(fused) == ["a", "c", "b"]


def test_score_fusion_of_a_small_example() -> None:
    """neural-search's min_max and arithmetic_mean: a document that a route did not find has 0 there."""
    lexical = [Found("a", 10.0), Found("b", 6.0), Found("c", 2.0)]
    vector = [Found("c", 0.9), Found("b", 0.8), Found("d", 0.5)]
    rules = window(200, weights={"lexical": 0.3, "vector": 0.7})
    fused = fuse("product", {"lexical": lexical, "vector": vector}, "score", rules)
    assert {item.id: item.score for item in fused} == pytest.approx(
        {"a": 0.3, "b": 0.3 * 0.5 + 0.7 * 0.75, "c": 0.3 * LEAST + 0.7, "d": 0.7 * LEAST}
    )
    assert ids(fused) == ["c", "b", "a", "d"]


def test_weights_of_two_routes_need_not_sum_to_one() -> None:
    found = {"lexical": [Found("a", 2.0), Found("b", 1.0)], "vector": [Found("b", 2.0), Found("a", 1.0)]}
    halves = fuse("product", found, "score", window(200, weights={"lexical": 0.2, "vector": 0.2}))
    assert [item.score for item in halves] == pytest.approx([0.5 + 0.5 * LEAST] * 2)


@pytest.mark.parametrize("fusion", ["score", "rrf"])
def test_what_is_behind_the_window_follows_in_its_order(fusion: Fusion) -> None:
    lexical = [Found(f"d{place}", 100.0 - place) for place in range(30)]
    vector = [Found("d25", 0.9), Found("x", 0.8)]
    fused = fuse("product", {"lexical": lexical, "vector": vector}, fusion, window(10))
    head, tail = ids(fused)[:12], ids(fused)[12:]
    assert set(head) == {f"d{place}" for place in range(10)} | {"d25", "x"}
    assert tail == [f"d{place}" for place in range(10, 30) if place != 25]


@quick
@given(routes_of(), routes_of(), fusions, st.integers(1, 20))
def test_a_deeper_page_starts_with_the_shorter_one(
    lexical: list[Found], vector: list[Found], fusion: Fusion, depth: int
) -> None:
    """Recall asks for more of the lexical route when a deeper page is wanted: what was shown must not move."""
    rules = window(5)
    shown = max(depth, rules.window["product"])
    short = fuse("product", {"lexical": lexical[:shown], "vector": vector[:5]}, fusion, rules)
    long = fuse("product", {"lexical": lexical, "vector": vector[:5]}, fusion, rules)
    assert ids(long)[: len(short)] == ids(short)


@quick
@given(routes_of(least=3), routes_of(least=3), fusions, st.integers(1, 4))
def test_a_deep_page_changes_nothing_inside_the_window(
    lexical: list[Found], vector: list[Found], fusion: Fusion, size: int
) -> None:
    """The words go on behind the window on deep pages: what is inside keeps its place, scores and routes."""
    shallow = fuse("product", {"lexical": lexical[:size], "vector": vector[:size]}, fusion, window(size))
    deep = fuse("product", {"lexical": lexical, "vector": vector[:size]}, fusion, window(size))
    assert deep[: len(shallow)] == shallow
    assert all(item.behind for item in deep[len(shallow) :])

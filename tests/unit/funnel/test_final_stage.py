"""From candidates and an engine's answer to a matrix, and from scores to an order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from funnel_pools import DIMENSION, NOW, unit
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from api.funnel.feature_set import Feature, FeatureSet, load_features
from api.funnel.final_stage import Features, decided_first, feature_body, read_features, reordered
from api.funnel.params import CLAUSE_PARAMS, QUERY_FEATURES
from api.funnel.rank import agreement
from api.fuse import Candidate
from stack.documents import KINDS, Kind
from stack.embedding.sketch import sketch
from stack.errors import EngineError
from stack.settings import ROOT

VECTOR = unit(np.random.default_rng(3).normal(size=DIMENSION))
PARAMS: dict[str, Any] = dict.fromkeys(CLAUSE_PARAMS, "x") | {
    "vector": VECTOR.tolist(),
    "query_features": {name: float(place) for place, name in enumerate(QUERY_FEATURES)},
}


def candidates(*scores: float, kind: Kind = "product") -> list[Candidate]:
    return [Candidate(kind, f"p{place}", score, {"lexical": score * 10}) for place, score in enumerate(scores)]


def read(items: list[Candidate], hits: list[dict[str, Any]], features: FeatureSet, kind: Kind = "product") -> Features:
    return read_features(kind, items, {"hits": {"hits": hits}}, features, PARAMS, NOW, 120)


def small(*features: dict[str, Any]) -> FeatureSet:
    known = {"group": "x", "label": "x", "kinds": ["product"]}
    return FeatureSet(kind="product", features=tuple(Feature(**(known | each)) for each in features))


def test_values_stand_in_the_rows_of_the_candidates_and_the_columns_of_the_set() -> None:
    features = small(
        {"name": "words", "engine": {"match": {"title": "$text"}}},
        {"name": "price_log", "field": "price", "transform": "log1p"},
        {"name": "stock", "field": "in_stock", "absent": 0.5},
        {"name": "fused", "pool": "fused"},
        {"name": "has_model", "query": "has_model"},
    )
    hits = [
        {"matched_queries": {"words": 2.5}, "fields": {"id": ["p2"], "in_stock": [False]}},
        {"fields": {"id": ["p0"], "price": [99.0], "in_stock": [True]}},
    ]
    seen = read(candidates(0.9, 0.8, 0.7), hits, features)
    assert (seen.ids, seen.names) == (("p0", "p1", "p2"), ("words", "price_log", "stock", "fused", "has_model"))
    assert seen.values.dtype == np.float32
    assert seen.values == pytest.approx(
        np.array(
            [
                [0.0, np.log1p(99), 1.0, 0.9, 1.0],
                [0.0, 0.0, 0.5, 0.8, 1.0],  # deleted since recall: absent everywhere
                [2.5, 0.0, 0.0, 0.7, 1.0],
            ]
        )
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 30])
def test_every_declared_feature_has_a_number_even_when_the_engine_gave_nothing(kind: Kind, count: int) -> None:
    features = load_features(ROOT / "mappings", kind)
    for hits in ([], [{"fields": {"id": [f"p{place}"], "text_sketch": [sketch(VECTOR)]}} for place in range(count)]):
        seen = read(candidates(*np.linspace(1, 0.1, count), kind=kind), hits, features, kind)
        assert seen.values.shape == (count, len(features.names))
        assert np.isfinite(seen.values).all()
        assert (seen.values >= 0).all()


def test_hits_that_are_no_candidates_are_left_out() -> None:
    features = small({"name": "words", "engine": {"match": {"title": "$text"}}})
    stray = [{"matched_queries": {"words": 9.0}, "fields": {"id": ["other"]}}, {"fields": {}}]
    assert read(candidates(0.9), stray, features).values.tolist() == [[0.0]]


def test_a_value_that_is_no_number_is_named() -> None:
    features = small({"name": "fused", "pool": "fused"}, {"name": "huge_views", "field": "views"})
    hits = [{"fields": {"id": ["p0"], "views": [1e300]}}]
    with pytest.raises(EngineError, match="no number in feature huge_views of products"):
        read(candidates(0.9), hits, features)


@pytest.mark.parametrize("kind", KINDS)
def test_the_request_asks_for_the_candidates_their_clauses_and_columns(kind: Kind) -> None:
    features = load_features(ROOT / "mappings", kind)
    body = feature_body(["a", "b"], features, PARAMS)
    bool_ = body["query"]["constant_score"]["filter"]["bool"]
    assert bool_["filter"] == [{"terms": {"id": ["a", "b"]}}]
    assert [clause["bool"]["_name"] for clause in bool_["should"]] == [each.name for each in features.of("engine")]
    assert body["size"] == 2
    asked = [each["field"] if isinstance(each, dict) else each for each in body["docvalue_fields"]]
    assert len(asked) == len(set(asked)), "no column is asked for twice"
    assert {"id", "text_sketch", "title_sketch", *(str(each.field) for each in features.of("field"))} <= set(asked)


scores_of = st.lists(st.sampled_from([0.0, 0.5, -1.0, 2.0, 1e-9]), min_size=1, max_size=20)


@hypothesis_settings(deadline=None, max_examples=60)
@given(scores_of)
def test_reordering_keeps_the_candidates_and_the_first_stages_scores(scores: list[float]) -> None:
    before = candidates(*np.linspace(1, 0.1, len(scores)))
    after = reordered(before, [], np.array(scores))
    assert sorted(item.id for item in after) == sorted(item.id for item in before)
    assert [item.score for item in after] == [item.score for item in before], "each place keeps its score"
    given_ = {item.id: (score, place) for place, (item, score) in enumerate(zip(before, scores, strict=True))}
    assert [item.rank_score for item in after] == sorted(scores, reverse=True)
    keys = [(-given_[item.id][0], given_[item.id][1]) for item in after]
    assert keys == sorted(keys), "best first; what ties stays in the first stage's order"
    assert {item.id: item.routes for item in after} == {item.id: item.routes for item in before}


def test_what_the_final_stage_did_not_see_follows_in_its_order() -> None:
    """The scores of the row fall, whoever stands where: what is measured in them means what it meant."""
    head, tail = (
        candidates(0.9, 0.5, 0.1),
        [Candidate("product", id_, score) for id_, score in (("x", 0.7), ("y", 0.0))],
    )
    row = reordered(head, tail, np.array([0.0, 1.0, 2.0]))
    assert [item.id for item in row] == ["p2", "p1", "p0", "x", "y"]
    assert [item.score for item in row] == [0.9, 0.7, 0.5, 0.1, 0.0]
    assert [item.rank_score for item in row] == [2.0, 1.0, 0.0, None, None]


@pytest.mark.parametrize("size", [2, 3, 50])
@pytest.mark.parametrize("seed", range(3))
def test_agreement_is_kendalls_tau(size: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    first, second = draw.permutation(size).astype(float), draw.permutation(size).astype(float)
    assert agreement(first, second) == pytest.approx(kendalltau(first, second).statistic)
    assert agreement(first, first) == 1
    assert agreement(first, -first) == -1


def test_one_candidate_agrees_with_itself() -> None:
    assert agreement(np.zeros(1), np.zeros(1)) == agreement(np.zeros(0), np.zeros(0)) == 1


def test_no_model_outvotes_the_very_number_that_was_asked_for() -> None:
    names = ("fused", "model_exact")
    seen = Features(("a", "b", "c"), names, np.array([[1, 0], [0.5, 1], [0, 1]], np.float32))
    scores = decided_first(np.array([3.0, -2.0, 1.0]), seen)
    assert np.argsort(-scores).tolist() == [2, 1, 0]
    without = Features(("a",), ("fused",), np.zeros((1, 1), np.float32))
    assert decided_first(np.array([3.0]), without).tolist() == [3.0]

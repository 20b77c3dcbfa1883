"""What `souk apply` shows and refuses; index names; and whose vectors an index holds."""

from __future__ import annotations

from typing import Any

import pytest

from stack.apply import difference, refuse_faiss
from stack.capabilities import Capabilities
from stack.embedding.card import ModelCard
from stack.errors import ConfigError, ModelMismatchError
from stack.indexes import index_info, require_model
from stack.mappings import Resource

CARD = ModelCard("tiny", 8, "0123456789abcdef")


def capabilities(faiss: bool) -> Capabilities:
    return Capabilities("3.5.0", "opensearch", (), knn=True, hybrid=False, ltr=False, faiss=faiss)


@pytest.mark.parametrize(
    ("current", "wanted", "lines"),
    [
        ({}, {}, []),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
        ({"a": "1", "b": "true", "c": "0.5"}, {"a": 1, "b": True, "c": 0.5}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["~ a.b: 1 → 2"]),
        ({"a": {"b": 1}}, {"a": {}}, ["+ a: {}", "- a.b: 1"]),
        ({}, {"a": {"b": "x", "c": None}}, ["+ a.b: x", "+ a.c: None"]),
        ({"l": ["a", "b"]}, {"l": ["a", "b"]}, []),
        ({"l": ["a", "b"]}, {"l": ["b", "a"]}, ["~ l: a, b → b, a"]),
        ({"l": ["a", "b", "c"]}, {"l": ["a", "c", "d"]}, ["- l: b", "+ l: d"]),
        ({"l": ["a"]}, {"l": "a"}, ["~ l: a → a"]),
        ({"l": ["tv", "television"]}, {"l": ["tv, television"]}, ["- l: tv", "- l: television", "+ l: tv, television"]),
        ({"n": [1, 2]}, {"n": ["1", "2"]}, []),
    ],
)
def test_difference(current: dict[str, Any], wanted: dict[str, Any], lines: list[str]) -> None:
    assert list(difference(current, wanted)) == lines


def vector_field(engine: str) -> list[Resource]:
    method = {"name": "hnsw", "engine": engine}
    body = {"template": {"mappings": {"properties": {"v": {"type": "knn_vector", "method": method}}}}}
    return [Resource("_component_template", "souk-vectors", body, "mappings/components/vectors.json")]


@pytest.mark.parametrize("engine", ["faiss", "nmslib"])
def test_an_engine_that_would_kill_the_node_is_refused(engine: str) -> None:
    with pytest.raises(ConfigError) as caught:
        refuse_faiss(vector_field(engine), capabilities(faiss=False))
    assert "mappings/components/vectors.json: template.mappings.properties.v.method" in caught.value.message
    assert "lucene" in caught.value.remedy


def test_an_engine_that_the_cluster_can_load_is_not() -> None:
    refuse_faiss(vector_field("faiss"), capabilities(faiss=True))
    refuse_faiss(vector_field("lucene"), capabilities(faiss=False))


def mapping(meta: dict[str, Any] | None) -> dict[str, Any]:
    return {"mappings": {"properties": {}} | ({"_meta": meta} if meta is not None else {})}


def test_the_index_behind_an_alias_is_the_newest() -> None:
    answer = {
        "shop-products-000009": mapping(None),
        "shop-products-000010": mapping({"embedding": CARD.as_meta()}),
        "shop-products-000002": mapping({}),
    }
    info = index_info("shop-products", answer)
    assert (info.name, info.model) == ("shop-products-000010", CARD)


@pytest.mark.parametrize("meta", [None, {}, {"owner": "us"}])
def test_an_index_that_names_no_model_takes_none(meta: dict[str, Any] | None) -> None:
    info = index_info("shop-products", {"shop-products-000001": mapping(meta)})
    assert info.model is None
    with pytest.raises(ModelMismatchError, match="a model that it does not name"):
        require_model(info, CARD)


@pytest.mark.parametrize(
    "other", [ModelCard("big", 8, CARD.hash), ModelCard("tiny", 16, CARD.hash), ModelCard("tiny", 8, "f" * 16)]
)
def test_vectors_of_another_model_are_refused_with_the_remedy(other: ModelCard) -> None:
    info = index_info("shop-products", {"shop-products-000001": mapping({"embedding": CARD.as_meta()})})
    require_model(info, CARD)
    with pytest.raises(ModelMismatchError) as caught:
        require_model(info, other)
    assert "shop-products-000001" in caught.value.message
    assert f"tiny (8 dimensions, {CARD.hash})" in caught.value.message
    assert f"{other.name} ({other.dimension} dimensions, {other.hash})" in caught.value.message
    assert "SOUK_MODEL" in caught.value.remedy
    assert "souk reindex all" in caught.value.remedy

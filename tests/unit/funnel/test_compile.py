"""One declaration, two forms: named queries and templates of the plugin say the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from mustache import render

from api.funnel.compile import PRESENT, fill, named_queries, parameters, plugin_feature, plugin_feature_set
from api.funnel.compile import plugin_params as params_of
from api.funnel.feature_set import Feature, FeatureSet, load_features
from api.funnel.params import CLAUSE_PARAMS, NONE, QUERY_FEATURES
from stack.documents import KINDS, Kind
from stack.errors import ConfigError
from stack.settings import ROOT

HOSTILE = [
    '"}} , {"match_all": {}}',
    "{{text}}",
    "$language",
    "a\\b\n\t\0",
    "' OR 1=1",
    "{{#toJson}}vector{{/toJson}}",
    "🙂",
]
PARAMS: dict[str, Any] = {
    "text": "smart watch",
    "language": "en",
    "slop": 2,
    "vector": [0.6, -0.8],
    "all_fields": ["title.en^2", "brand.en^1"],
    "model_keys": [],
    "query_features": dict.fromkeys(QUERY_FEATURES, 0.5),
} | {
    name: [{"match_none": {}}]
    for name in (
        *("title_words", "title_idf", "model_prefixes", "brands", "categories", "attributes"),
        *("price_range", "people", "compatible"),
    )
}


def feature(**fields: Any) -> Feature:
    return Feature(**({"name": "odd_one", "group": "x", "label": "x", "kinds": ["product"]} | fields))


def pool_values(features: FeatureSet) -> dict[str, dict[str, float]]:
    return {each.name: {"a": 1.5, "b": 0.0} for each in features.of("pool")}


@pytest.mark.parametrize(
    ("clause", "filled"),
    [
        ({"match": {"title": {"query": "$text"}}}, {"match": {"title": {"query": "smart watch"}}}),
        ({"match": {"title.$language": "$text"}}, {"match": {"title.en": "smart watch"}}),
        ({"f": ["title.$language", "$slop", 3, None, True]}, {"f": ["title.en", 2, 3, None, True]}),
        ({"v": "$vector"}, {"v": [0.6, -0.8]}),
        ({"price": "5 $"}, {"price": "5 $"}),
    ],
)
def test_parameters_are_put_in_with_their_types(clause: dict[str, Any], filled: dict[str, Any]) -> None:
    assert fill(clause, PARAMS) == filled
    template = plugin_feature(feature(engine=clause))["template"]
    assert render(template, PARAMS)["bool"]["should"] == [filled], "both forms are the same clause"


@pytest.mark.parametrize("clause", [{"a": "$nothing"}, {"x.$nothing": 1}, {"a": [{"b": "x.$nothing"}]}])
def test_an_unknown_parameter_is_named_with_those_that_there_are(clause: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"no parameter \$nothing.*language, model_keys"):
        fill(clause, PARAMS)
    assert parameters(clause) == ["nothing"]


def test_what_a_shopper_types_is_never_a_parameter() -> None:
    assert fill({"q": "$text"}, PARAMS | {"text": "$language"}) == {"q": "$language"}
    assert fill({"q": "$brands"}, PARAMS | {"brands": [{"term": {"x": "$slop"}}]}) == {"q": [{"term": {"x": "$slop"}}]}


def test_parameters_of_a_clause_once_each_in_order() -> None:
    clause = {"bool": {"should": "$brands", "must": [{"match": {"title.$language": "$text"}}, "$text"]}}
    assert parameters(clause) == ["brands", "language", "text"]
    assert parameters(None) == parameters(3) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["smart watch", *HOSTILE])
def test_every_template_is_json_once_its_parameters_are_in(kind: Kind, text: str) -> None:
    features = load_features(ROOT / "mappings", kind)
    sent = params_of(features, PARAMS | {"text": text}, pool_values(features))
    templates = {each["name"]: each for each in plugin_feature_set(features)["featureset"]["features"]}
    assert list(templates) == list(features.names), "columns of a model are told apart by their place"
    for each in features.features:
        query = render(templates[each.name]["template"], sent)
        assert query["bool"]["must"] == [PRESENT], "every feature is present: trees of the plugin take no absent value"
        assert len(query["bool"]["should"]) == 1
        if each.source == "engine":
            assert query["bool"]["should"] == [fill(each.engine, PARAMS | {"text": text})]


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_of_a_template_is_declared_and_sent(kind: Kind) -> None:
    """The plugin refuses a feature whose declared parameters are not all there."""
    features = load_features(ROOT / "mappings", kind)
    sent = params_of(features, PARAMS, pool_values(features))
    for each in plugin_feature_set(features)["featureset"]["features"]:
        used = set(re.findall(r"\{\{(?:#toJson\}\})?(\w+)", each["template"]))
        assert used == set(each["params"]) <= sent.keys()
    json.dumps(sent)
    assert "query_features" not in sent
    assert set(sent) == {
        name for each in plugin_feature_set(features)["featureset"]["features"] for name in each["params"]
    }


def test_what_serving_computes_is_all_that_a_clause_may_name() -> None:
    assert set(PARAMS) - {"query_features"} == set(CLAUSE_PARAMS)


@pytest.mark.parametrize("kind", KINDS)
def test_named_queries_carry_the_names_of_the_features(kind: Kind) -> None:
    features = load_features(ROOT / "mappings", kind).of("engine")
    one = [{"constant_score": {"filter": {"exists": {"field": "id"}}, "boost": 1}}]
    full = PARAMS | {name: one for name, value in PARAMS.items() if value == NONE} | {"model_keys": ["tn2110"]}
    clauses = named_queries(features, full)
    assert [clause["bool"]["_name"] for clause in clauses] == [each.name for each in features]
    assert "$" not in json.dumps(clauses)


def test_a_clause_that_cannot_match_is_not_sent() -> None:
    features = load_features(ROOT / "mappings", "product").of("engine")
    sent = {clause["bool"]["_name"] for clause in named_queries(features, PARAMS)}
    assert "title_bm25" in sent
    assert not sent & {"brand_match", "price_in_range", "model_exact", "model_prefix"}


def test_a_value_of_zero_or_an_absent_one_of_a_column_are_told_apart() -> None:
    script = plugin_feature(feature(field="in_stock", absent=0.5))["template"]
    assert "doc['in_stock'].size() == 0 ? 0.5 : (doc['in_stock'].value ? 1.0 : 0.0)" in script
    logged = plugin_feature(feature(field="price", transform="log1p"))["template"]
    assert "Math.log1p((double) doc['price'].value)" in logged

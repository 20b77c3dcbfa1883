"""Feature clauses → named queries of one request (portable), and feature templates of the plugin (native).

Both are made from the same declaration. In a clause the text `$name` stands for a parameter: as a whole value it is
replaced by the parameter whatever its type, within a key or a longer value by a word (`title.$language`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.funnel.feature_set import Feature, FeatureSet
from api.funnel.params import NONE
from stack.errors import ConfigError

# What a clause is filled to when the query has nothing for it (`params.NONE`).
NOTHING: tuple[dict[str, Any], ...] = (
    {"bool": {"should": NONE}},
    {"constant_score": {"filter": {"terms": {"model_keys": []}}}},
)
Params = Mapping[str, Any]
WHOLE = re.compile(r"\$(\w+)")
# A feature that does not match is absent, and absent is 0: so every feature is made to match, with nothing added.
PRESENT: dict[str, Any] = {"match_all": {"boost": 0}}


def named_queries(features: Sequence[Feature], params: Params) -> list[dict[str, Any]]:
    """The clauses, each named after its feature. Raises ConfigError for a parameter that is not there.

    A clause that cannot match, of a brand that nobody named, is left out: each costs the engine time.
    """
    filled = ((feature.name, fill(feature.engine, params)) for feature in features)
    return [{"bool": {"must": [clause], "_name": name}} for name, clause in filled if clause not in NOTHING]


def fill(node: Any, params: Params) -> Any:
    """A clause with its parameters in place."""
    if isinstance(node, dict):
        return {_fill_text(key, params): fill(value, params) for key, value in node.items()}
    if isinstance(node, list):
        return [fill(item, params) for item in node]
    if not isinstance(node, str):
        return node
    whole = WHOLE.fullmatch(node)
    return _param(whole[1], params) if whole else _fill_text(node, params)


def _fill_text(text: str, params: Params) -> str:
    return WHOLE.sub(lambda found: str(_param(found[1], params)), text)


def _param(name: str, params: Params) -> Any:
    if name not in params:
        raise ConfigError(f"mappings/features: there is no parameter ${name}", f"There is: {', '.join(sorted(params))}")
    return params[name]


def parameters(node: Any) -> list[str]:
    """The names of the parameters in a clause."""
    if isinstance(node, dict):
        inner = [name for key, value in node.items() for name in [*WHOLE.findall(key), *parameters(value)]]
    elif isinstance(node, list):
        inner = [name for item in node for name in parameters(item)]
    else:
        inner = WHOLE.findall(node) if isinstance(node, str) else []
    return list(dict.fromkeys(inner))


def plugin_feature_set(features: FeatureSet) -> dict[str, Any]:
    """The body of `PUT /_ltr/_featureset/<name>`: one template a feature, in the model's order."""
    return {"featureset": {"features": [plugin_feature(feature) for feature in features.features]}}


def plugin_feature(feature: Feature) -> dict[str, Any]:
    """One feature template. Text templates with `toJson` take every type of parameter; quoted mustache makes strings.

    What the API computes goes in as a parameter: of a query one number, of a pool a table of values by document id.
    """
    clause, names = _clause(feature)
    return {
        "name": feature.name,
        "params": names,
        "template_language": "mustache",
        "template": _mustache({"bool": {"must": [PRESENT], "should": [clause]}}),
    }


def plugin_params(features: FeatureSet, params: Params, pool: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The `params` of a `sltr` query: those of the clauses, and the API's own values as `feature_<name>`."""
    needed = {name for feature in features.of("engine") for name in parameters(feature.engine)}
    own = {f"feature_{feature.name}": pool[feature.name] for feature in features.of("pool")}
    queries = {f"feature_{feature.name}": params["query_features"][feature.query] for feature in features.of("query")}
    return {name: params[name] for name in sorted(needed)} | own | queries


def _clause(feature: Feature) -> tuple[dict[str, Any], list[str]]:
    own = f"feature_{feature.name}"
    match feature.source:
        case "engine":
            return dict(feature.engine or {}), parameters(feature.engine)
        case "field":
            return _script(_column(feature), {}), []
        case "pool":
            source = f"params.values.getOrDefault(doc['id'].value, {feature.absent}).doubleValue()"
            return _script(source, {"values": f"${own}"}), [own]
        case "query":
            return _script("params.value.doubleValue()", {"value": f"${own}"}), [own]


def _script(source: str, params: dict[str, Any]) -> dict[str, Any]:
    script: dict[str, Any] = {"lang": "painless", "source": source} | ({"params": params} if params else {})
    return {"script_score": {"query": {"match_all": {}}, "script": script}}


def _column(feature: Feature) -> str:
    column = f"doc['{feature.field}']"
    number = f"({column}.value ? 1.0 : 0.0)" if feature.field in FLAGS else f"(double) {column}.value"
    value = f"Math.log1p({number})" if feature.transform == "log1p" else number
    return f"{column}.size() == 0 ? {float(feature.absent)} : {value}"


FLAGS = ("in_stock",)


def _mustache(clause: dict[str, Any]) -> str:
    """`{"match": {"title.$language": {"query": "$text"}}}` → `{"match": {"title.{{language}}": {"query":
    {{#toJson}}text{{/toJson}}}}}`."""
    text = json.dumps(clause)
    text = re.sub(r'"\$(\w+)"', r"{{#toJson}}\1{{/toJson}}", text)
    return re.sub(r"\$(\w+)", r"{{\1}}", text)

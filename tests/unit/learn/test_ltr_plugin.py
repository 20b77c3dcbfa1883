"""What is sent to the LTR plugin has the shapes that it takes (a fake: the plugin is in no engine of ours)."""

from __future__ import annotations

import json
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from opensearchpy.exceptions import ConflictError, RequestError

from api.funnel.feature_set import Feature, FeatureSet
from api.funnel.model import RankModel
from learn.convert import evaluate
from learn.ltr_plugin import publish
from stack.errors import ConfigError, EngineError

NAMES = ("fused", "title")
ROWS = np.random.default_rng(1).random((200, 2)).astype(np.float32)
FEATURES = FeatureSet(
    kind="product",
    features=(
        Feature(name="fused", group="recall", label="first-stage score", kinds=("product",), pool="fused"),
        Feature(
            name="title",
            group="lexical",
            label="the words in the title",
            kinds=("product",),
            engine={"match": {"title.$language": {"query": "$text"}}},
        ),
    ),
)


def text() -> str:
    data = lgb.Dataset(ROWS, (ROWS[:, 1] > 0.5).astype(int), group=[20] * 10, params={"verbosity": -1})
    return str(lgb.train({"objective": "lambdarank", "verbosity": -1}, data, 5).model_to_string())


TEXT = text()
ABOUT = {
    "kind": "product",
    "trainer": "lightgbm",
    "feature_names": list(NAMES),
    "feature_set": FEATURES.hash,
    "blend": 0.5,
}
MODEL = RankModel.of(TEXT, ABOUT, "v1")


class FakePlugin:
    """Keeps what was sent; says of what is in `there` that it exists."""

    def __init__(self, *there: str, fail: Exception | None = None) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.there = there
        self.fail = fail
        self.transport = self

    def perform_request(self, method: str, path: str, body: Any = None) -> None:
        self.sent.append((method, path, body))
        if self.fail and path.endswith("_createmodel"):
            raise self.fail
        if path in self.there:
            if path == "/_ltr":
                raise RequestError(400, "resource_already_exists_exception", {"error": "index already exists"})
            raise ConflictError(409, "version_conflict_engine_exception", {"error": "document already exists"})


def test_store_feature_set_and_model_are_put_in_that_order() -> None:
    plugin = FakePlugin()
    assert publish(plugin, FEATURES, MODEL, TEXT) == "souk-product-v1"  # type: ignore[arg-type]
    where = [(method, path) for method, path, _ in plugin.sent]
    assert where == [
        ("PUT", "/_ltr"),
        ("PUT", f"/_ltr/_featureset/souk-product-{FEATURES.hash}"),
        ("POST", f"/_ltr/_featureset/souk-product-{FEATURES.hash}/_createmodel"),
    ]
    features = plugin.sent[1][2]["featureset"]["features"]
    assert [(feature["name"], feature["template_language"]) for feature in features] == [
        ("fused", "mustache"),
        ("title", "mustache"),
    ]
    assert features[1]["params"] == ["language", "text"]
    assert '"title.{{language}}": {"query": {{#toJson}}text{{/toJson}}}' in features[1]["template"]
    sent = plugin.sent[2][2]["model"]
    assert (sent["name"], sent["model"]["type"]) == ("souk-product-v1", "model/xgboost+json")
    trees = json.loads(sent["model"]["definition"])
    plain = RankModel.of(TEXT, {**ABOUT, "blend": 0})
    assert evaluate(trees, NAMES, ROWS) == pytest.approx(plain.score(ROWS), abs=1e-5)


def test_what_is_there_is_left() -> None:
    paths = (
        "/_ltr",
        f"/_ltr/_featureset/souk-product-{FEATURES.hash}",
        f"/_ltr/_featureset/souk-product-{FEATURES.hash}/_createmodel",
    )
    plugin = FakePlugin(*paths)
    assert publish(plugin, FEATURES, MODEL, TEXT) == "souk-product-v1"  # type: ignore[arg-type]
    assert len(plugin.sent) == 3


def test_a_refusal_is_told() -> None:
    plugin = FakePlugin(fail=RequestError(400, "parsing_exception", {"error": {"reason": "Unable to parse"}}))
    with pytest.raises(EngineError, match="Unable to parse"):
        publish(plugin, FEATURES, MODEL, TEXT)  # type: ignore[arg-type]


def test_templates_of_another_set_are_refused_before_anything_is_sent() -> None:
    plugin = FakePlugin()
    with pytest.raises(ConfigError, match="in use is"):
        publish(plugin, FeatureSet(kind="product", features=FEATURES.features[::-1]), MODEL, TEXT)  # type: ignore[arg-type]
    assert plugin.sent == []

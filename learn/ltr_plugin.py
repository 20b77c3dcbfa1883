"""Publication to the learning-to-rank plugin, where a cluster has it: a feature set and a model of it.

PUT  /_ltr                                       its store, once
PUT  /_ltr/_featureset/<set>                     409 when it is there
POST /_ltr/_featureset/<set>/_createmodel        copies the set into the model
"""

from __future__ import annotations

import json
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from api.funnel.compile import plugin_feature_set
from api.funnel.feature_set import FeatureSet
from api.funnel.model import RankModel
from learn.convert import to_plugin
from stack.client import engine_errors

MODEL_TYPE = "model/xgboost+json"
STORE = "/_ltr"
EXISTS = (400, 409)  # an index that is there, a feature set or model that is there


def model_body(name: str, model: RankModel, content: str) -> dict[str, Any]:
    """The body of `_createmodel`; the trees go in as a string. The blend is not in them: the API adds it.

    Raises ConfigError when the model cannot be converted.
    """
    definition = json.dumps(to_plugin(str(model.about["trainer"]), content, model.names), separators=(",", ":"))
    return {"model": {"name": name, "model": {"type": MODEL_TYPE, "definition": definition}}}


def publish(client: OpenSearch, features: FeatureSet, model: RankModel, content: str) -> str:
    """Put the feature set and the model; each is left as it is when it is there. Returns the model's name.

    Both are named after what they hold, so that a set that changed is another set. Raises ConfigError when the
    features are not the model's, EngineError when the plugin refuses.
    """
    model.check(features.names, features.hash)
    feature_set, name = f"souk-{model.kind}-{model.set_hash}", f"souk-{model.kind}-{model.name}"
    path = f"{STORE}/_featureset/{feature_set}"
    with engine_errors():
        _put_once(client, "PUT", STORE, None)
        _put_once(client, "PUT", path, plugin_feature_set(features))
        _put_once(client, "POST", f"{path}/_createmodel", model_body(name, model, content))
    return name


def _put_once(client: OpenSearch, method: str, path: str, body: dict[str, Any] | None) -> None:
    """Create; that it exists already is no error."""
    try:
        client.transport.perform_request(method, path, body=body)
    except TransportError as error:
        if error.status_code not in EXISTS or "exist" not in f"{error.error} {error.info}":
            raise

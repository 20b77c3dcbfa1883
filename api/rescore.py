"""What the learning-to-rank plugin would be sent: the found ids, ranked by its model, with the features' parameters.

Shown by `/v1/query`. Serving scores in the API on every cluster: pool features need all candidates, which no plugin
sees, so that even the plugin gets their values from here (docs/decisions/ranking.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.dev_tools import dev_tools_entry
from api.funnel.compile import plugin_params
from api.funnel.feature_set import FeatureSet
from api.funnel.params import clause_params
from api.funnel.rank import Ranked
from api.query.native import rescore_body
from api.query.plan import Plan
from api.query.recall import Recall
from stack.documents import Kind


def rescore_entries(
    ranked: Ranked, plan: Plan, vector: Sequence[float], features: Mapping[Kind, FeatureSet], recall: Recall
) -> list[dict[str, Any]]:
    """One `ids` + `sltr` request for each kind whose features were read. The model's name is the index's."""
    entries = []
    for kind, seen in ranked.features.items():
        index = recall.indexes[kind]
        values = {
            name: {id_: round(float(value), 6) for id_, value in zip(seen.ids, column, strict=True)}
            for name, column in zip(seen.names, seen.values.T, strict=True)
        }
        params = plugin_params(features[kind], clause_params(plan, kind, vector, recall.rules.lexical), values)
        body = rescore_body(list(seen.ids), index, params)
        entries.append(dev_tools_entry(f"{kind}: rescore, once such a model is published", index, body))
    return entries

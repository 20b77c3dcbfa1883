"""The second request of native mode: the found ids, ranked by the model of the learning-to-rank plugin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.dev_tools import dev_tools_entry
from api.fuse import Candidate
from api.query.native import rescore_body
from api.query.plan import Plan
from stack.documents import Kind

RESCORED = 100


def rescore_entries(row: Sequence[Candidate], plan: Plan, indexes: Mapping[Kind, str]) -> list[dict[str, Any]]:
    """One `ids` + `sltr` request for each kind that was found. The model's name is the index's."""
    if plan.browsing or not plan.by_relevance:
        return []
    entries = []
    for kind in plan.kinds:
        ids = [item.id for item in row if item.kind == kind][:RESCORED]
        if ids:
            body = rescore_body(ids, indexes[kind], {"keywords": plan.words.text})
            entries.append(dev_tools_entry(f"{kind}: rescore, once such a model is published", indexes[kind], body))
    return entries

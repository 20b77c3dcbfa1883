"""The recall routes beside the words and the vector: siblings, each `plan, kind, rules → query`.

Which kinds take a route, and what must have been understood for it, stands in `mappings/ranking/funnel.yml`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.query.lexical import lexical_query, matching_query
from api.query.plan import Plan
from api.query.words import read_words
from stack.documents import Kind
from stack.rules import FunnelRules, RankingRules

BY_POPULARITY: dict[str, Any] = {
    "function_score": {"query": {"match_all": {}}, "field_value_factor": {"field": "popularity", "missing": 0}}
}
Route = Callable[[Plan, Kind, RankingRules], dict[str, Any]]


def asked_routes(plan: Plan, kind: Kind, rules: FunnelRules) -> list[str]:
    """The routes of `ROUTES` that this plan takes for a kind."""
    return [
        name
        for name in ROUTES
        if name in plan.request.routes
        and name in rules.routes
        and kind in rules.routes[name].kinds
        and _understood(plan, rules.routes[name].when, rules)
    ]


def _understood(plan: Plan, when: str | None, rules: FunnelRules) -> bool:
    if when == "variants":
        return bool(plan.understanding.variants)
    if when == "category":
        seen = plan.understanding
        return bool(seen.categories) and seen.category_certainty >= rules.category_recall_from
    return True


def variants(plan: Plan, kind: Kind, rules: RankingRules) -> dict[str, Any]:
    """The best of the other spellings: `smart watch` beside `smartwatch`, `43.2cm` beside `17 inch`."""
    texts = [read_words(text) for text in plan.understanding.variants]
    return {"dis_max": {"queries": [lexical_query(words, kind, plan.language, rules.lexical) for words in texts]}}


def category(plan: Plan, kind: Kind, rules: RankingRules) -> dict[str, Any]:
    """What stands in the likely category: with the words first, then by popularity."""
    path = plan.understanding.categories[0][0]
    words = matching_query(plan.words, kind, plan.language, rules.lexical)
    return {
        "bool": {
            "filter": [{"term": {"category_path": path}}],
            "should": [{"constant_score": {"filter": words, "boost": 2.0}}, BY_POPULARITY],
        }
    }


ROUTES: dict[str, Route] = {"variants": variants, "category": category}

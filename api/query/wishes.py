"""What the words themselves ask for beyond words: a price, something not wanted, a category that is certain."""

from __future__ import annotations

from typing import Any

from api.query.plan import Plan
from stack.documents import Kind
from stack.rules import FunnelRules

Clause = dict[str, Any]
# What a document says of itself; a description may mention the very thing that it does without.
SAYING = ("title", "category", "attribute_text")


def wish_clauses(plan: Plan, kind: Kind, rules: FunnelRules, but: str | None = None) -> list[Clause]:
    """Filters for one kind. `but` names a filter that is left out; a filter of the request goes before the words."""
    seen = plan.understanding
    clauses = [_without(text, kind) for text in seen.excluded]
    if kind == "product" and seen.price and "price" not in plan.request.filters and but != "price":
        clauses += [{"range": {"price": seen.price.bounds}}] if seen.price.bounds else []
    # Only products: the categories are theirs. A live names a coarser one, a video of another site one of that site.
    if kind == "product" and but != "category" and filters_category(plan, rules):
        clauses.append(_in_category(seen.categories[0][0]))
    return clauses


def filters_category(plan: Plan, rules: FunnelRules) -> bool:
    """Is the query's category so certain that others are left out?"""
    seen = plan.understanding
    certain = bool(seen.categories) and seen.category_certainty >= rules.category_filter_from
    return certain and "category" not in plan.request.filters


def _without(text: str, kind: Kind) -> Clause:
    fields = [name for name in SAYING if kind == "product" or name != "attribute_text"]
    return {"bool": {"must_not": [{"multi_match": {"query": text, "type": "phrase", "fields": fields}}]}}


def _in_category(path: str) -> Clause:
    """A document that says no category may belong there."""
    unknown = {"bool": {"must_not": [{"exists": {"field": "category_path"}}]}}
    return {"bool": {"should": [{"term": {"category_path": path}}, unknown], "minimum_should_match": 1}}

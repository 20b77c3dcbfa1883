"""The parameters of feature clauses, from a plan: what `$text`, `$brands` … in mappings/features stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from api.query.lexical import phrase_slop
from api.query.plan import Plan
from api.query.words import model_prefixes_of
from api.understand.model import Span
from stack.documents import Kind
from stack.rules import LexicalRules

# An empty `should` would match everything.
NONE: list[dict[str, Any]] = [{"match_none": {}}]
# More words cost a clause each and are no query any more.
MAX_WORDS = 12

Clauses = list[dict[str, Any]]


def clause_params(plan: Plan, kind: Kind, vector: Sequence[float], rules: LexicalRules) -> dict[str, Any]:
    """Every parameter that a clause may name, and under `query_features` the values of the query's own features."""
    text, language = plan.words.text, plan.language
    words = text.split()[:MAX_WORDS]
    information = plan.understanding.informativeness
    all_fields = [f"{name}.{language}^{boost:g}" for name, boost in rules.fields[kind].items()]
    title = f"title.{language}"
    return {
        "text": text,
        "language": language,
        "slop": phrase_slop(text, rules),
        "vector": vector,
        "all_fields": all_fields,
        "title_words": _each((_has(title, word), 1 / len(words)) for word in words),
        "title_idf": _each((_has(title, word), information.get(word, 0.0)) for word in words),
        "model_keys": list(plan.words.model_keys),
        "model_prefixes": _each(({"prefix": {"model_keys": key}}, 1.0) for key in model_prefixes_of(plan.words)),
        "brands": _each((_term("brand.keyword", span.value), span.certainty) for span in plan.understood("brand")),
        "categories": _each((_term("category_path", path), share) for path, share in plan.understanding.categories),
        "attributes": _attributes(plan),
        "price_range": _price(plan),
        "people": _people(plan.understood("person"), language),
        "compatible": _each((_says(span.value), 1.0) for span in plan.understood("compatible")),
        "query_features": query_features(plan, kind),
    }


QUERY_FEATURES: dict[str, Callable[[Plan, Kind], float]] = {
    "words": lambda plan, _: float(len(plan.words.text.split())),
    "has_model": lambda plan, _: float(bool(plan.words.model_keys)),
    "brand": lambda plan, _: max((span.certainty for span in plan.understood("brand")), default=0.0),
    "category": lambda plan, _: plan.understanding.category_certainty,
    "informativeness": lambda plan, _: max(plan.understanding.informativeness.values(), default=0.0),
    "intent": lambda plan, kind: plan.understanding.intent.get(kind, 0.0),
    "shopper_affinity": lambda *_: 0.0,
}
# What `clause_params` gives for clauses: a feature that names something else is refused at start.
CLAUSE_PARAMS = (
    "text", "language", "slop", "vector", "all_fields", "title_words", "title_idf", "model_keys",
    "model_prefixes", "brands", "categories", "attributes", "price_range", "people", "compatible",
)  # fmt: skip


def query_features(plan: Plan, kind: Kind) -> dict[str, float]:
    """The features of the query alone."""
    return {name: compute(plan, kind) for name, compute in QUERY_FEATURES.items()}


def _each(weighted: Iterable[tuple[dict[str, Any], float]]) -> Clauses:
    """Clauses that add their weight where they match. A boost of 0 is not taken by the engine everywhere."""
    return [
        {"constant_score": {"filter": clause, "boost": round(weight, 6)}}
        for clause, weight in weighted
        if weight > 1e-6
    ] or NONE


def _has(field: str, word: str) -> dict[str, Any]:
    return {"match": {field: {"query": word, "operator": "and"}}}


def _term(field: str, value: str) -> dict[str, Any]:
    return {"term": {field: value}}


def _says(text: str) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "phrase", "fields": ["title", "description", "attribute_text"]}}


def _attributes(plan: Plan) -> Clauses:
    spans = [span for type in ("attribute", "colour", "size", "material") for span in plan.understood(type)]
    return _each((attribute_clause(span), 1 / len(spans)) for span in spans)


def attribute_clause(span: Span) -> dict[str, Any]:
    """Documents that have the recognised value: by their attributes, or said in their text."""
    clauses: Clauses = [_says(span.text)]
    if span.field:
        clauses.append(_term("attribute_values", f"{span.field.removeprefix('attr.')}={span.value}"))
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _people(spans: Sequence[Span], language: str) -> Clauses:
    names = [f"{field}.{language}" for field in ("creator_name", "host_name")]
    return _each(
        ({"multi_match": {"query": span.value, "fields": names, "operator": "and"}}, span.certainty) for span in spans
    )


def _price(plan: Plan) -> Clauses:
    asked = plan.understanding.price
    bounds = asked.bounds if asked else {}
    return _each([({"range": {"price": bounds}}, 1.0)] if bounds else [])

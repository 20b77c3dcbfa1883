"""The lexical route: BM25 over the fields of a kind; exact model numbers, phrases and all-terms matches come first."""

from __future__ import annotations

from typing import Any

from api.query.words import Words
from stack.documents import Kind
from stack.rules import LexicalRules


def lexical_query(words: Words, kind: Kind, language: str, rules: LexicalRules) -> dict[str, Any]:
    """The query of one kind. Nothing in the words is syntax: only `match` queries are used."""
    fields = rules.fields[kind]
    base = {
        "multi_match": {
            "query": words.text,
            # One statistic over all fields, as if they were one: a word is not rare for being in an odd field.
            "type": "cross_fields",
            "fields": [f"{name}.{language}^{boost:g}" for name, boost in fields.items()],
            "tie_breaker": rules.tie_breaker,
            "minimum_should_match": rules.minimum_should_match,
        }
    }
    first = [*_all_terms(words, language, rules), _phrase(words, rules)]
    query = {"bool": {"must": [base], "should": first}}
    if kind != "product" or not words.model_keys:
        return query
    return {"bool": {"should": [query, _model(words, rules)], "minimum_should_match": 1}}


def _all_terms(words: Words, language: str, rules: LexicalRules) -> list[dict[str, Any]]:
    return [
        {"match": {f"{field}.{language}": {"query": words.text, "operator": "and", "boost": boost}}}
        for field, boost in rules.all_terms.items()
    ]


def _phrase(words: Words, rules: LexicalRules) -> dict[str, Any]:
    return {"match_phrase": {"title": {"query": words.text, "slop": rules.phrase_slop, "boost": rules.phrase_boost}}}


def _model(words: Words, rules: LexicalRules) -> dict[str, Any]:
    return {
        "constant_score": {"filter": {"terms": {"model_keys": list(words.model_keys)}}, "boost": rules.model_boost}
    }

"""The lexical route: BM25 over the fields of a kind; exact model numbers, phrases and all-terms matches come first."""

from __future__ import annotations

import re
from typing import Any

from api.query.words import Words
from stack.documents import Kind
from stack.rules import LexicalRules

# A compound (`wi-fi`) is searched joined and in parts. With slop the engine tries every combination of all compounds,
# 2^n phrases, and refuses more than 1,024; without slop their number is of no matter.
COMPOUND = re.compile(r"\S*\w[^\w\s]+\w\S*")
MAX_SLOPPY_COMPOUNDS = 6


def lexical_query(words: Words, kind: Kind, language: str, rules: LexicalRules) -> dict[str, Any]:
    """The query that recalls: any of the words. Nothing in them is syntax: only `match` queries are used."""
    base = _any_field(words, kind, language, rules, rules.minimum_should_match)
    first = [*_all_terms(words, language, rules), _phrase(words, rules)]
    return _or_model({"bool": {"must": [base], "should": first}}, words, kind, rules)


def matching_query(words: Words, kind: Kind, language: str, rules: LexicalRules) -> dict[str, Any]:
    """The documents that totals and facets count: they have most of the words. Unscored, so the shard can cache it."""
    base = _any_field(words, kind, language, rules, rules.counted_minimum)
    return {"bool": {"filter": [_or_model(base, words, kind, rules)]}}


def _any_field(words: Words, kind: Kind, language: str, rules: LexicalRules, minimum: str) -> dict[str, Any]:
    return {
        "multi_match": {
            "query": words.text,
            # One statistic over all fields, as if they were one: a word is not rare for being in an odd field.
            "type": "cross_fields",
            "fields": [f"{name}.{language}^{boost:g}" for name, boost in rules.fields[kind].items()],
            "tie_breaker": rules.tie_breaker,
            "minimum_should_match": minimum,
        }
    }


def _or_model(query: dict[str, Any], words: Words, kind: Kind, rules: LexicalRules) -> dict[str, Any]:
    if kind != "product" or not words.model_keys:
        return query
    return {"bool": {"should": [query, _model(words, rules)], "minimum_should_match": 1}}


def _all_terms(words: Words, language: str, rules: LexicalRules) -> list[dict[str, Any]]:
    return [
        {"match": {f"{field}.{language}": {"query": words.text, "operator": "and", "boost": boost}}}
        for field, boost in rules.all_terms.items()
    ]


def phrase_slop(text: str, rules: LexicalRules) -> int:
    """How far apart the words of a phrase may stand; 0 where the engine would have to try too many phrases."""
    return rules.phrase_slop if len(COMPOUND.findall(text)) <= MAX_SLOPPY_COMPOUNDS else 0


def _phrase(words: Words, rules: LexicalRules) -> dict[str, Any]:
    slop = phrase_slop(words.text, rules)
    return {"match_phrase": {"title": {"query": words.text, "slop": slop, "boost": rules.phrase_boost}}}


def _model(words: Words, rules: LexicalRules) -> dict[str, Any]:
    return {"constant_score": {"filter": {"terms": {"model_keys": list(words.model_keys)}}, "boost": rules.model_boost}}

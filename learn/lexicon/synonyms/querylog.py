"""Two words that shoppers use for the same products: queries that differ in one place, and their clicks.

Reads User Behavior Insights (https://github.com/o19s/ubi): NDJSON, plain or gzip, of queries (`query_id`, `user_query`)
and events (`query_id`, `action_name`, a product in `product_id`, `object_id` or `event_attributes.object`).
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from api.understand.vocabulary import words_of
from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.rules import QueryLogRules
from stack.errors import InputError, Mistake

WANTED = frozenset({"click", "item_click", "product_click", "add_to_cart", "purchase", "conversion"})
Clicks = Mapping[str, Counter[str]]


def read_clicks(files: Sequence[Path]) -> dict[str, Counter[str]]:
    """Query (its words) → product → clicks. Files may hold queries, events or both, in any order.

    Raises InputError with the file and line of what is not JSON, or when no click can be told a query.
    """
    queries: dict[str, str] = {}
    clicks: list[tuple[str, str]] = []
    for file in files:
        for record in _records(file):
            query_id, query = record.get("query_id"), record.get("user_query")
            if isinstance(query_id, str) and isinstance(query, str) and query.strip():
                queries[query_id] = " ".join(words_of(query))
            if isinstance(query_id, str) and record.get("action_name") in WANTED and (product := _product(record)):
                clicks.append((query_id, product))
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for query_id, product in clicks:
        if queries.get(query_id):
            found[queries[query_id]][product] += 1
    if not found:
        what = f"no click has a query: {len(queries)} queries, {len(clicks)} clicks"
        raise InputError(
            [Mistake(", ".join(map(str, files)), what)], "Give the queries and the events, both as --queries"
        )
    return dict(found)


def _records(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            for place, line in enumerate(lines, start=1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise InputError([Mistake(f"{file}:{place}", "not a JSON object")], "Give a UBI file")
                    yield record
    except json.JSONDecodeError as error:
        raise InputError([Mistake(f"{file}:{place}", f"not JSON: {error.msg}")], "Give a UBI file") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError([Mistake(str(file), str(error))], "Give a UBI file") from error


def _product(record: dict[str, Any]) -> str | None:
    inside = (record.get("event_attributes") or {}).get("object") or {}
    product = record.get("product_id") or record.get("object_id") or inside.get("object_id")
    return str(product) if product else None


def candidates(clicks: Clicks, rules: QueryLogRules) -> Iterator[Candidate]:
    """Words that differ between two queries (all else the same) whose clicks fall on the same products."""
    by_product: defaultdict[str, set[str]] = defaultdict(set)
    for query, products in clicks.items():
        for product in products:
            by_product[product].add(query)
    pairs = {(one, two) for queries in by_product.values() for one in queries for two in queries if one < two}
    for one, two in sorted(pairs):
        terms = difference(one.split(), two.split())
        shared = sum(min(clicks[one][product], clicks[two][product]) for product in clicks[one])
        cosine = _cosine(clicks[one], clicks[two])
        if terms and shared >= rules.min_shared and cosine >= rules.least_cosine:
            evidence = f"{one!r} and {two!r} share {shared} clicks, cosine {cosine:.2f}"
            yield Candidate(terms, 0.5 + 0.5 * cosine * (1 - math.exp(-shared / 10)), "query log", evidence)


def difference(one: list[str], two: list[str]) -> tuple[str, str] | None:
    """`["sofa", "cover"], ["couch", "cover"]` → `("sofa", "couch")`; None when one only adds to the other."""
    first = 0
    while first < min(len(one), len(two)) and one[first] == two[first]:
        first += 1
    last = 0
    while last < min(len(one), len(two)) - first and one[-1 - last] == two[-1 - last]:
        last += 1
    left, right = one[first : len(one) - last], two[first : len(two) - last]
    return (" ".join(left), " ".join(right)) if left and right else None


def _cosine(one: Counter[str], two: Counter[str]) -> float:
    product = sum(count * two[item] for item, count in one.items())
    return product / math.sqrt(sum(c * c for c in one.values()) * sum(c * c for c in two.values()))

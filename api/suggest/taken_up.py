"""What the indexes can complete: brands, categories, creators, sellers and popular searches, as one `_msearch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from opensearchpy import AsyncOpenSearch

from api.suggest.completion import Completion, Counted, completions, filter_href, page_href, search_href
from api.suggest.model import SuggestionKind
from api.suggest.personal import may_be_shown
from api.suggest.rules import QueryRules, SuggestRules
from stack.client import engine_errors
from stack.documents import CATEGORY_SEPARATOR

Answer = dict[str, Any]
Read = Callable[[Answer, int], list[Counted]]


@dataclass(frozen=True)
class Source:
    """One search: the index, its body, and how its answer is read."""

    kind: SuggestionKind
    index: str
    body: dict[str, Any]
    read: Read
    most: int


def sources(prefix: str, rules: SuggestRules, now: datetime) -> list[Source]:
    """The searches by what they give; an index that is not there gives nothing."""
    most = rules.taken_up.most
    documents = ",".join(f"{prefix}-{name}" for name in ("products", "videos", "lives"))
    searched = rules.queries
    return [
        Source(
            "brand", f"{prefix}-products", _terms("brand.keyword", most["brand"]), _filtering("brand"), most["brand"]
        ),
        Source("category", documents, _terms("category_path", most["category"]), _categories, most["category"]),
        Source("creator", f"{prefix}-creators", _profiles(most["creator"]), _pages("creators"), most["creator"]),
        Source("seller", f"{prefix}-sellers", _profiles(most["seller"]), _pages("sellers"), most["seller"]),
        Source(
            "creator",
            f"{prefix}-videos",
            _terms("creator_name.keyword", most["creator"]),
            _filtering("creator"),
            most["creator"],
        ),
        Source(
            "creator",
            f"{prefix}-lives",
            _terms("host_name.keyword", most["creator"]),
            _filtering("host"),
            most["creator"],
        ),
        Source(
            "seller",
            f"{prefix}-products",
            _terms("seller_name.keyword", most["seller"]),
            _filtering("seller"),
            most["seller"],
        ),
        Source(
            "query", f"{prefix}-ubi_queries", _searched(searched, most["query"], now), _queries(searched), most["query"]
        ),
    ]


async def read_sources(client: AsyncOpenSearch, wanted: list[Source], timeout_s: float) -> list[Completion]:
    """All that the sources give. A name that has a page of its own is not also offered as a filter.

    Raises EngineUnavailableError when the engine is away or slow.
    """
    lines = [
        part
        for source in wanted
        for part in ({"index": source.index, "ignore_unavailable": True, "allow_no_indices": True}, source.body)
    ]
    with engine_errors():
        answer = await client.transport.perform_request(
            "POST",
            "/_msearch",
            params={"request_timeout": timeout_s},
            body=b"\n".join(map(orjson.dumps, lines)).decode() + "\n",
            headers={"content-type": "application/x-ndjson"},
        )
    done: list[Completion] = []
    named: set[tuple[SuggestionKind, str]] = set()
    for source, response in zip(wanted, answer["responses"], strict=True):
        found = [] if "error" in response else completions(source.kind, source.read(response, source.most), source.most)
        fresh = [one for one in found if source.kind == "category" or (one.kind, one.key) not in named]
        named |= {(one.kind, one.key) for one in fresh}
        done += fresh
    return done


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"size": 0, "aggs": {"found": {"terms": {"field": field, "size": max(1, size)}}}}


def _profiles(size: int) -> dict[str, Any]:
    return {
        "size": min(size, 10_000),
        "track_total_hits": False,
        "_source": ["id", "title", "followers", "sales"],
        "sort": [{"popularity": {"order": "desc", "missing": "_last", "unmapped_type": "float"}}, {"id": "asc"}],
    }


def _searched(rules: QueryRules, size: int, now: datetime) -> dict[str, Any]:
    since = (now - timedelta(days=rules.days)).isoformat()
    return {
        "size": 0,
        "query": {
            "bool": {
                "filter": [
                    {"range": {"timestamp": {"gte": since}}},
                    {"term": {"query_attributes.has_results": True}},
                    {"exists": {"field": "user_query"}},
                ],
                # Only the first page is a search of its own; and words that were corrected are no words to offer.
                "must_not": [
                    {"range": {"query_attributes.page": {"gt": 1}}},
                    {"term": {"query_attributes.corrected": True}},
                    {"term": {"query_attributes.relaxed": True}},
                ],
            }
        },
        "aggs": {
            "found": {
                "terms": {"field": "user_query.keyword", "size": max(1, size), "min_doc_count": rules.least_count},
                "aggs": {"shoppers": {"cardinality": {"field": "client_id"}}},
            }
        },
    }


def _buckets(answer: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.get("aggregations", {}).get("found", {}).get("buckets", [])
    return found


def _filtering(field: str) -> Read:
    """Values that lead to everything that has them."""

    def read(answer: Answer, _most: int) -> list[Counted]:
        return [
            Counted(key := str(each["key"]), each["doc_count"], filter_href(field, key)) for each in _buckets(answer)
        ]

    return read


def _categories(answer: Answer, _most: int) -> list[Counted]:
    """`Audio > Headphones` is offered as `Headphones`, with `Audio` as the detail."""
    found = []
    for each in _buckets(answer):
        parents, _, name = str(each["key"]).rpartition(CATEGORY_SEPARATOR)
        found.append(Counted(name, each["doc_count"], filter_href("category", str(each["key"])), parents or None))
    return found


def _pages(folder: str) -> Read:
    """Profiles that have a page."""

    def read(answer: Answer, _most: int) -> list[Counted]:
        hits = (hit["_source"] for hit in answer.get("hits", {}).get("hits", []))
        return [
            Counted(one["title"], float(one.get("followers") or one.get("sales") or 0), page_href(folder, one["id"]))
            for one in hits
            if one.get("title") and one.get("id")
        ]

    return read


def _queries(rules: QueryRules) -> Read:
    """Searches, each in its most frequent spelling with the count of all; what may be personal is left out."""

    def read(answer: Answer, _most: int) -> list[Counted]:
        known: dict[str, tuple[str, int]] = {}
        for each in _buckets(answer):  # most frequent first
            text = " ".join(str(each["key"]).split())
            few = each["shoppers"]["value"] < rules.least_shoppers
            if few or not may_be_shown(text, rules.longest, rules.most_digits):
                continue
            spelling, count = known.get(text.casefold(), (text, 0))
            known[text.casefold()] = (spelling, count + each["doc_count"])
        return [Counted(text, count, search_href(q=text)) for text, count in known.values()]

    return read


def joined(
    found: list[Completion], phrases: list[Completion]
) -> Mapping[tuple[SuggestionKind, str, str | None], Completion]:
    """All completions once each: what shoppers searched for before the phrase of the same letters."""
    table: dict[tuple[SuggestionKind, str, str | None], Completion] = {}
    for one in (*found, *phrases):
        table.setdefault((one.kind, one.key, one.detail if one.kind == "category" else None), one)
    return table

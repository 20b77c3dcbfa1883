"""Products whose titles have the typed words, the last one as a beginning: one small search with its own deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch

from api.engine import Deadline, get_documents, multi_search, preference_of
from api.suggest.rules import TitleRules
from stack.errors import EngineError
from stack.signals import overlaid, signal_id


@dataclass(frozen=True)
class Title:
    """A product as it is suggested; `popularity` from 0 to 1."""

    id: str
    text: str
    price: float | None
    currency: str | None
    popularity: float


@dataclass(frozen=True)
class Titles:
    """What came in time; `late` when the engine took longer."""

    found: tuple[Title, ...] = ()
    late: bool = False


def titles_body(text: str, size: int) -> dict[str, Any]:
    """The best known products with all the words. A filter and a sorted column: nothing is scored, and the engine
    stops looking at what cannot come first any more.
    """
    words = {"match_bool_prefix": {"title.typed": {"query": text, "operator": "and"}}}
    return {
        "size": size,
        "query": {"bool": {"filter": [words]}},
        "sort": [{"popularity": {"order": "desc", "missing": "_last"}}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": ["id", "title", "price", "currency", "group_id", "updated_at"],
    }


async def find_titles(client: AsyncOpenSearch, prefix: str, text: str, rules: TitleRules, seconds: float) -> Titles:
    """The products that came within the time, at their prices of now, or at none when those were late.

    An engine that is late, away or refuses gives no products: suggestions are a convenience, and what is in memory
    stands without them.
    """
    if seconds <= 0 or not rules.size:
        return Titles(late=seconds <= 0)
    deadline = Deadline(seconds)
    try:
        (answer,) = await multi_search(
            client,
            [(f"{prefix}-products", titles_body(text, rules.looked_at))],
            deadline,
            preference=preference_of(text),
        )
    except EngineError:
        return Titles(late=True)
    hits = _one_a_model(answer["hits"]["hits"])[: rules.size]
    try:
        signals = await get_documents(
            client, [(f"{prefix}-signals", signal_id("product", hit["_source"]["id"])) for hit in hits], [], deadline
        )
    except EngineError:
        return Titles(tuple(_title(hit, {}) for hit in hits))
    priced = (overlaid("product", hit["_source"], signal) for hit, signal in zip(hits, signals, strict=True))
    return Titles(tuple(_title(hit, now) for hit, now in zip(hits, priced, strict=True)))


def _one_a_model(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best known of each group of variants."""
    models: dict[str, dict[str, Any]] = {}
    for hit in hits:
        if "id" in hit["_source"]:  # a document without an id is not of ours
            models.setdefault(hit["_source"].get("group_id") or f" {hit['_source']['id']}", hit)
    return list(models.values())


def _title(hit: dict[str, Any], now: dict[str, Any]) -> Title:
    """`now` is the document with what its signal says; an old price is worse than none."""
    source = hit["_source"]
    popularity = hit["sort"][0]
    known = isinstance(popularity, int | float) and 0 <= popularity <= 1  # the engine gives infinity for "none"
    return Title(
        source["id"], source["title"], now.get("price"), now.get("currency"), float(popularity) if known else 0.0
    )

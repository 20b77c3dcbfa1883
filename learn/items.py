"""Documents as a reader of a report, or a check, looks at them: a few stored fields by id, or a seeded sample."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from api.search import Searcher
from stack.client import engine_errors
from stack.documents import Kind

FIELDS = ["id", "title", "brand", "category", "model", "gtin", "price", "attributes"]
# Ids of one search.
CHUNK = 1_000


@dataclass(frozen=True)
class Item:
    """A document's title and what else a check may ask for; empty where the document has none."""

    id: str
    title: str
    brand: str = ""
    category: tuple[str, ...] = ()
    model: str = ""
    gtin: tuple[str, ...] = ()
    price: float | None = None
    attributes: dict[str, Any] = field(default_factory=dict, hash=False)


async def fetch_items(searcher: Searcher, kind: Kind, ids: Iterable[str]) -> dict[str, Item]:
    """Id → item, of those that the index holds. Raises EngineError."""
    found: dict[str, Item] = {}
    async for hits in _by_id(searcher, kind, ids, {"_source": FIELDS}):
        found |= {hit["_id"]: item_of(hit) for hit in hits}
    return found


async def known_ids(searcher: Searcher, kind: Kind, ids: Iterable[str]) -> set[str]:
    """Those of the ids that the index holds. Raises EngineError."""
    found: set[str] = set()
    async for hits in _by_id(searcher, kind, ids, {"_source": False}):
        found |= {hit["_id"] for hit in hits}
    return found


async def _by_id(
    searcher: Searcher, kind: Kind, ids: Iterable[str], wanted: dict[str, Any]
) -> AsyncIterator[list[dict[str, Any]]]:
    """Searched for, not got: after a restart of the node k-NN 3.5 cannot get a document whose source it derives
    (`already_closed_exception`), and `_mget` then says so for each document, with status 200.
    """
    listed = list(dict.fromkeys(ids))
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        body = {"size": len(chunk), "track_total_hits": False, "query": {"ids": {"values": chunk}}} | wanted
        with engine_errors():
            answer = await searcher.client.search(
                index=searcher.recall.indexes[kind], body=body, params={"allow_partial_search_results": "false"}
            )
        yield answer["hits"]["hits"]


async def sample_items(searcher: Searcher, kind: Kind, size: int, seed: int) -> list[Item]:
    """A random sample, the same for the same seed and the same documents: drawn by id, not by place in the index.

    `size` is at most the engine's result window, 10,000. Raises EngineError.
    """
    body = {
        "size": size,
        "_source": FIELDS,
        "query": {"function_score": {"random_score": {"seed": seed, "field": "id"}, "boost_mode": "replace"}},
        "sort": ["_score", {"id": "asc"}],
        "track_total_hits": False,
    }
    with engine_errors():
        answer = await searcher.client.search(index=searcher.recall.indexes[kind], body=body)
    return [item_of(hit) for hit in answer["hits"]["hits"]]


def item_of(entry: dict[str, Any]) -> Item:
    """A hit as an item."""
    source = entry["_source"]
    return Item(
        entry["_id"],
        source.get("title", ""),
        source.get("brand") or "",
        tuple(source.get("category") or ()),
        source.get("model") or "",
        tuple(source.get("gtin") or ()),
        source.get("price"),
        source.get("attributes") or {},
    )

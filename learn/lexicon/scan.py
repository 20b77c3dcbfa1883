"""Every document of an index once, in the order of its id, at a point in time; a page at once in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opensearchpy import OpenSearch

from stack.client import engine_errors
from stack.documents import Kind
from stack.indexes import read_index

PAGE = 500
KEEP_ALIVE = "2m"
READ: dict[Kind, tuple[str, ...]] = {
    "product": ("id", "title", "brand", "model", "category", "description", "attributes", "seller_name"),
    "video": ("id", "title", "category", "description", "hashtags", "creator_name"),
    "live": ("id", "title", "category", "description", "host_name"),
}


def count(client: OpenSearch, alias: str) -> int:
    """Documents behind the alias. Raises NotFoundError when it is not there."""
    read_index(client, alias)
    with engine_errors():
        client.indices.refresh(index=alias)
        return int(client.count(index=alias)["count"])


def documents(client: OpenSearch, alias: str, kind: Kind) -> Iterator[dict[str, Any]]:
    """The fields of `READ` of each document. Raises EngineError when the engine fails or a shard is missing."""
    with engine_errors():
        point = client.create_pit(index=alias, params={"keep_alive": KEEP_ALIVE})["pit_id"]
        try:
            yield from _pages(client, point, list(READ[kind]))
        finally:
            client.delete_pit(body={"pit_id": [point]})


def _pages(client: OpenSearch, point: str, fields: list[str]) -> Iterator[dict[str, Any]]:
    # Not by `_shard_doc`: an order by id makes two scans of one catalogue give the same, whatever the shards.
    body: dict[str, Any] = {"size": PAGE, "_source": fields, "sort": [{"id": "asc"}], "track_total_hits": False}
    while True:
        body["pit"] = {"id": point, "keep_alive": KEEP_ALIVE}
        # Half a catalogue must not be published as the whole of it.
        answer = client.search(body=body, params={"allow_partial_search_results": "false"})
        hits = answer["hits"]["hits"]
        yield from (hit["_source"] for hit in hits)
        if len(hits) < PAGE:
            return
        body["search_after"] = hits[-1]["sort"]

"""The index that is built: made from today's templates, with settings for building, then with those of its template."""

from __future__ import annotations

from typing import Any

from opensearchpy import OpenSearch

from ingest.reindex.move import Move
from stack.indexes import REINDEX_NOTE

# Not refreshed while it is built; the pipeline, which stamps `indexed_at`, would stamp what was written long ago; and
# without tombstones a document that comes back with an older version can be followed (`copy.py`).
BUILDING: dict[str, Any] = {"refresh_interval": "-1", "final_pipeline": "_none", "gc_deletes": "0s"}


def create(client: OpenSearch, move: Move) -> None:
    """Make the target from its template, behind its alias for building."""
    body = {"settings": {"index": BUILDING}, "aliases": {move.next_alias: {}}}
    client.indices.create(index=move.target, body=body)


def reopen(client: OpenSearch, move: Move) -> None:
    """Make an index that was kept ready to be written to again."""
    client.indices.put_settings(index=move.target, body={"index": BUILDING | {"blocks.write": None}})
    client.indices.put_alias(index=move.target, name=move.next_alias)


def ready(client: OpenSearch, move: Move) -> None:
    """Give it the settings of its template, but for tombstones: the last round may have to follow such a document."""
    fresh = client.transport.perform_request("POST", f"/_index_template/_simulate_index/{move.target}")
    index = fresh["template"]["settings"]["index"]
    body = {"index": {name: index.get(name) for name in BUILDING} | {"gc_deletes": BUILDING["gc_deletes"]}}
    client.indices.put_settings(index=move.target, body=body)


def finish(client: OpenSearch, move: Move) -> None:
    """It is in use: let it keep tombstones, and note where it comes from and what it had by then, for a rollback."""
    client.indices.put_settings(index=move.target, body={"index": {"gc_deletes": None}})
    meta = dict(mapping_of(client, move.target).get("_meta") or {})
    meta[REINDEX_NOTE] = {"from": move.source, "at": move.reached}
    client.indices.put_mapping(index=move.target, body={"_meta": meta})


def origin(client: OpenSearch, name: str) -> tuple[str, list[int]] | None:
    """What `finish` noted; None for an index that no reindex made."""
    note = (mapping_of(client, name).get("_meta") or {}).get(REINDEX_NOTE)
    return (str(note["from"]), list(note["at"])) if note else None


def mapping_of(client: OpenSearch, name: str) -> dict[str, Any]:
    """The mapping of an index."""
    return dict(client.indices.get_mapping(index=name)[name]["mappings"])

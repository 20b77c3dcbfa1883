"""What was deleted from the source while it was copied is deleted from the target.

A deleted document cannot be read any more, so deletes are found by what is left. After a round everything that the
source has is in the target too; then the two hold the same ids exactly when they count the same. Where they do not,
both are counted in parts by a hash of the id, and only in parts that differ are ids compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import orjson

from ingest.patience import BUSY, Busy
from ingest.reindex.shards import NOTHING, Shards

# The hash is Java's of the column `id`; documents without one are a part of their own. The ids compared are `_id`.
PART = "(doc['id'].size() == 0 ? params.parts : (doc['id'].value.hashCode() & 2147483647) % params.parts)"
AT_ONCE = 64  # parts whose ids are in memory at once: of a million documents 16,000 ids
BULK = 1_000


def sweep(source: Shards, target: Shards, alias: str, parts: int) -> int:
    """Delete from the target, written to by `alias`, what the source has no more. How many that were.

    Exact for every document that was copied before this was called: nothing is copied meanwhile, so what the target has
    and the source has not was deleted there. One that comes back later is a newer operation, and copied again.
    """
    source.refresh()
    target.refresh()
    if source.count() == target.count():
        return 0
    differing = _differing(source, target, parts)
    swept = 0
    for start in range(0, len(differing), AT_ONCE):
        chosen = differing[start : start + AT_ONCE]
        kept = {id_ for id_, _ in _ids(source, chosen, parts)}
        swept += _delete(
            target, alias, [(id_, version) for id_, version in _ids(target, chosen, parts) if id_ not in kept]
        )
    target.refresh()
    return swept


def _differing(source: Shards, target: Shards, parts: int) -> list[int]:
    left, right = _counts(source, parts), _counts(target, parts)
    return sorted(part for part in left.keys() | right.keys() if left.get(part) != right.get(part))


def _counts(index: Shards, parts: int) -> dict[int, int]:
    body = {
        "size": 0,
        "aggs": {"parts": {"terms": {"script": _script(PART, parts=parts), "size": parts + 1, "value_type": "long"}}},
    }
    answer = index.ask(
        lambda: index.client.search(
            index=index.index, body=body, params={"preference": "_primary", "allow_partial_search_results": "false"}
        )
    )
    return {int(bucket["key"]): bucket["doc_count"] for bucket in answer["aggregations"]["parts"]["buckets"]}


def _ids(index: Shards, chosen: Iterable[int], parts: int) -> list[tuple[str, int]]:
    """Ids and versions of the documents of some parts."""
    wanted = {str(part): True for part in chosen}
    script = _script(f"params.wanted.containsKey(String.valueOf({PART}))", parts=parts, wanted=wanted)
    query = {"script": {"script": script}}
    found: list[tuple[str, int]] = []
    for shard in range(len(index.numbers())):
        for hits in index.pages(shard, NOTHING, {"_source": False}, query):
            found += [(hit["_id"], hit["_version"]) for hit in hits]
    return found


def _script(source: str, **params: Any) -> dict[str, Any]:
    return {"source": source, "params": params}


def _delete(target: Shards, alias: str, gone: list[tuple[str, int]]) -> int:
    for start in range(0, len(gone), BULK):
        lines = b"".join(
            orjson.dumps({"delete": {"_id": id_, "version": version, "version_type": "external_gte"}}) + b"\n"
            for id_, version in gone[start : start + BULK]
        )
        target.ask(partial(_send, target, alias, lines))
    return len(gone)


def _send(target: Shards, alias: str, lines: bytes) -> None:
    """What is gone already is well; what the engine was too busy for is sent again, all of it."""
    answer = target.client.bulk(body=lines, index=alias, params={"require_alias": "true"})
    if any(item["delete"]["status"] in BUSY for item in answer["items"]):
        raise Busy("the engine is too busy to delete")

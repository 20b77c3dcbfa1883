"""Signals: what changes by the minute, in an index of its own beside the documents (`mappings/indexes/signals.json`).

A signal is one small document an item, `<kind>:<id>`, with the fields that were sent for it and in `times` when each
was true, in milliseconds since 1970. Newest wins field by field: a field of a signal counts while it is not older than
the document, so a full record that is newer supersedes it. Ingestion writes signals, the API lays them over what it
shows, and folding (`ingest/update/`) writes them back into the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import orjson

from stack.documents import DocumentKind

SIGNAL: Literal["signal"] = "signal"  # Settings.alias(SIGNAL) is the index
# The fields that go to signals when a partial record has no others. None of them is searched as text or in the vector.
FAST: dict[DocumentKind, tuple[str, ...]] = {
    "product": ("price", "list_price", "currency", "stock", "sales", "returns"),
    "video": ("views", "likes", "comments"),
    "live": ("status", "product_now", "viewers", "followers", "heartbeat_at", "started_at", "ended_at"),
}
DELETED_AT = "deleted_at"
# How often the engine tries a scripted update that meets another of the same item.
CONFLICT_TRIES = 5
# One text for all, so that the engine compiles it once. A field that is not newer stays as it is.
MERGE = """
if (ctx._source.times == null) { ctx._source.times = [:]; }
boolean changed = false;
for (entry in params.fields.entrySet()) {
  def known = ctx._source.times[entry.getKey()];
  if (known == null || known <= params.at) {
    ctx._source[entry.getKey()] = entry.getValue();
    ctx._source.times[entry.getKey()] = params.at;
    changed = true;
  }
}
if (ctx._source.updated_at == null || ctx._source.updated_at < params.at) { ctx._source.updated_at = params.at; }
if (!changed) { ctx.op = 'none'; }
"""


def signal_id(kind: str, id: str) -> str:
    """`("live", "r1")` → `live:r1`."""
    return f"{kind}:{id}"


def millis(instant: datetime | str) -> int:
    """Milliseconds since 1970 of an instant or of its ISO form: the version of a document of that time."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return max(1, int(moment.timestamp() * 1000))


def update_lines(index: str, kind: str, id: str, fields: Mapping[str, Any], at: int) -> bytes:
    """Two lines of a bulk request that merge `fields`, true `at` (milliseconds), into the item's signal.

    A field whose value is None is one that the item has no longer. Atomic in the engine: writers need not read first.
    """
    action = {"update": {"_index": index, "_id": signal_id(kind, id), "retry_on_conflict": CONFLICT_TRIES}}
    values = dict(fields)
    if "stock" in values:
        values["in_stock"] = None if values["stock"] is None else values["stock"] > 0
    script = {"source": MERGE, "params": {"fields": values, "at": at}}
    body = {"scripted_upsert": True, "upsert": {"kind": kind, "id": id}, "script": script}
    return orjson.dumps(action) + b"\n" + orjson.dumps(body) + b"\n"


def newer_fields(kind: DocumentKind, signal: Mapping[str, Any], since: int, until: int | None = None) -> dict[str, Any]:
    """A signal's fields that were true at `since` or later, not after `until`. None: the item has none now."""
    times = signal.get("times") or {}
    return {
        name: signal.get(name)
        for name in FAST.get(kind, ())
        if name in times and since <= times[name] and (until is None or times[name] <= until)
    }


def overlaid(kind: DocumentKind, document: dict[str, Any], signal: Mapping[str, Any] | None) -> dict[str, Any]:
    """A stored document as it is now: with the signal's fields that are not older than itself."""
    if not signal or not document.get("updated_at"):
        return document
    newer = newer_fields(kind, signal, millis(document["updated_at"]))
    if not newer:
        return document
    if "stock" in newer:
        newer["in_stock"] = None if newer["stock"] is None else newer["stock"] > 0
    return {name: value for name, value in (document | newer).items() if value is not None}

"""`souk signals fold`: old signals go back into their documents, so that search itself sees them; then they go.

The long way of a signal: shown at once, searched by (price filters, sorts, ranking) from the fold on. A signal that got
something new meanwhile stays, and so does a tombstone until no older record can be expected any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch, helpers

from ingest.record import Batch, Change, Counts, Record
from ingest.update.merge import Merger
from ingest.write import Writer
from stack.client import engine_errors
from stack.documents import DocumentKind
from stack.signals import DELETED_AT, millis

AT_ONCE = 200
# Sources come again within weeks: an older record than that is not expected.
TOMBSTONES_KEPT = timedelta(days=90)


@dataclass
class Folded:
    """What a fold did with signals."""

    folded: int = 0
    dropped: int = 0  # of documents that are gone, and old tombstones
    waiting: int = 0  # of documents that were written meanwhile, and young tombstones
    counts: Counts = field(default_factory=Counts)


def fold(
    client: OpenSearch,
    signals: str,
    kind: DocumentKind,
    merger: Merger,
    enrich: Callable[[Batch], Batch | None] | None,
    writer: Writer,
    now: datetime,
    age: timedelta,
) -> Folded:
    """Fold the signals of one kind that had nothing new for `age`. Raises EngineError."""
    done = Folded()
    for hits in _old(client, signals, kind, now - age):
        batch = Batch(0, changes=[_change(hit["_source"]) for hit in hits])
        merged = merger(batch)
        if merged is None:
            break
        absent = {str(refusal.data["id"]) for refusal in batch.refusals}
        if enrich is not None:
            enrich(merged)
        before = batch.counts.stale
        writer(batch)
        # Documents that others wrote in between did not take their signals: the next fold sees to the whole page.
        settled = hits if batch.counts.stale == before else []
        old = millis(now - TOMBSTONES_KEPT)
        gone = [hit for hit in settled if hit["_source"].get(DELETED_AT, 0) < old]
        _delete(client, signals, gone)
        done.dropped += sum(hit["_source"]["id"] in absent for hit in gone)
        done.folded += sum(hit["_source"]["id"] not in absent for hit in gone)
        done.waiting += len(hits) - len(gone)
        done.counts.add(batch.counts)
    with engine_errors():
        client.indices.refresh(index=signals)
    return done


def _change(signal: dict[str, Any]) -> Change:
    """A change of nothing: merging it writes what the signal has into the document."""
    # One millisecond more: a time from milliseconds may come out a hair before them.
    version = int(signal["updated_at"]) + 1
    at = datetime.fromtimestamp(version / 1000, UTC)
    return Change(signal["id"], {}, at, version, True, Record(0, 0, {"id": signal["id"]}), "signals", (0, 0))


def _old(client: OpenSearch, signals: str, kind: str, before: datetime) -> Iterator[list[dict[str, Any]]]:
    query = {"bool": {"filter": [{"term": {"kind": kind}}, {"range": {"updated_at": {"lt": millis(before)}}}]}}
    body = {"query": query, "seq_no_primary_term": True}
    page: list[dict[str, Any]] = []
    with engine_errors():
        for hit in helpers.scan(client, index=signals, query=body, size=AT_ONCE, scroll="5m"):
            page.append(hit)
            if len(page) == AT_ONCE:
                yield page
                page = []
    if page:
        yield page


def _delete(client: OpenSearch, signals: str, hits: list[dict[str, Any]]) -> None:
    """Delete signals that are still as they were read."""
    actions = [
        {
            "_op_type": "delete",
            "_index": signals,
            "_id": hit["_id"],
            "if_seq_no": hit["_seq_no"],
            "if_primary_term": hit["_primary_term"],
        }
        for hit in hits
    ]
    with engine_errors():
        helpers.bulk(client, actions, raise_on_error=False)

"""`souk signals fold`: old signals go back into their documents, so that search itself sees them; then they go.

The long way of a signal: shown at once, searched by (price filters, sorts, ranking) from the fold on. A signal that got
something new meanwhile stays, and so does a tombstone until no older record can be expected any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch, helpers

from ingest.compare import InFlight
from ingest.record import Batch, Change, Counts, Record, Refusal
from ingest.update.merge import Absent, Merger
from ingest.write import Writer
from stack.client import engine_errors, scan_pages
from stack.documents import DocumentKind
from stack.signals import DELETED_AT, millis

AT_ONCE = 200


@dataclass
class Folded:
    """What a fold did with signals."""

    folded: int = 0
    dropped: int = 0  # of documents that are gone, and old tombstones
    waiting: int = 0  # of documents that were written meanwhile or would not be valid, and young tombstones
    counts: Counts = field(default_factory=Counts)  # its `reasons`: why documents would not be valid


@dataclass(frozen=True)
class Folding:
    """Folds the signals of one kind. `in_flight` is the merger's own. No vector is computed: no signal is in one."""

    client: OpenSearch
    signals: str
    kind: DocumentKind
    merger: Merger
    writer: Writer
    in_flight: InFlight

    def __call__(self, now: datetime, age: timedelta, tombstones: timedelta) -> Folded:
        """Fold what had nothing new for `age`; a tombstone is kept for `tombstones`. Raises EngineError."""
        done = Folded()
        forgotten = millis(now - tombstones)
        for hits in _old(self.client, self.signals, self.kind, now - age):
            batch = Batch(0, changes=[_change(hit["_source"]) for hit in hits])
            if not self._write(batch):
                break
            absent = {_id(refusal) for refusal in batch.refusals if isinstance(refusal, Absent)}
            invalid = {_id(refusal) for refusal in batch.refusals} - absent
            # Documents that others wrote in between did not take their signals: the next fold sees to the whole page.
            settled = [] if batch.counts.stale else hits
            gone = [
                hit
                for hit in settled
                if hit["_source"]["id"] not in invalid and hit["_source"].get(DELETED_AT, 0) < forgotten
            ]
            _delete(self.client, self.signals, gone)
            dropped = sum(hit["_source"]["id"] in absent for hit in gone)
            done.dropped += dropped
            done.folded += len(gone) - dropped
            done.waiting += len(hits) - len(gone)
            for refusal in batch.refusals:
                if not isinstance(refusal, Absent):
                    done.counts.refuse(refusal)
        with engine_errors():
            self.client.indices.refresh(index=self.signals)
        return done

    def _write(self, batch: Batch) -> bool:
        """False when the run halts. `batch.counts.stale` are then the documents that others wrote meanwhile."""
        if self.merger(batch) is None:
            return False
        try:
            # Signals that are older than their documents are stale too, but nothing waits for them. Documents whose
            # vectors cannot be kept were written just now.
            batch.counts.stale = len(self.merger.bare)
            batch.items = [item for item in batch.items if item.document.id not in self.merger.bare]
            self.writer(batch)
        finally:
            self.in_flight.release(batch.ids)
        return True


def _id(refusal: Refusal) -> str:
    return str(refusal.data["id"])


def _change(signal: dict[str, Any]) -> Change:
    """A change of nothing: merging it writes what the signal has into the document."""
    # One millisecond more: a time from milliseconds may come out a hair before them.
    version = int(signal["updated_at"]) + 1
    at = datetime.fromtimestamp(version / 1000, UTC)
    return Change(signal["id"], {}, at, version, True, Record(0, 0, {"id": signal["id"]}), "signals", (0, 0))


def _old(client: OpenSearch, signals: str, kind: str, before: datetime) -> Iterator[list[dict[str, Any]]]:
    query = {"bool": {"filter": [{"term": {"kind": kind}}, {"range": {"updated_at": {"lt": millis(before)}}}]}}
    with engine_errors():
        yield from scan_pages(client, signals, {"query": query, "seq_no_primary_term": True}, AT_ONCE)


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

"""What does the index hold already? Unchanged and older documents are neither embedded nor sent."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Condition, Event
from typing import Any, Literal

from opensearchpy import OpenSearch

from ingest.patience import Patience
from ingest.record import Batch, Deletion, Item
from ingest.tombstones import Tombstones

Verdict = Literal["write", "unchanged", "stale"]
COMPARED = ["content_hash", "vector_hash", "ingested_from"]


class InFlight:
    """Ids between comparison and the index. A later batch with one of them waits: its verdict depends on it."""

    def __init__(self, halt: Event) -> None:
        self._ids: set[str] = set()
        self._changed = Condition()
        self._halt = halt

    def claim(self, ids: frozenset[str]) -> bool:
        """Wait until none of the ids is in flight, then take them. False when the run halts meanwhile."""
        with self._changed:
            while not self._halt.is_set():
                if self._ids.isdisjoint(ids):
                    self._ids |= ids
                    return True
                self._changed.wait(0.2)
        return False

    def release(self, ids: frozenset[str]) -> None:
        """The index has them."""
        with self._changed:
            self._ids -= ids
            self._changed.notify_all()


class Comparer:
    """The stage. `run` names this run's sources and options (None: standard input), `vector_hash` the model wanted."""

    def __init__(
        self,
        client: OpenSearch,
        alias: str,
        patience: Patience,
        in_flight: InFlight,
        run: str | None,
        vector_hash: str | None,
        tombstones: Tombstones | None = None,
    ) -> None:
        self._client = client
        self._alias = alias
        self._patience = patience
        self._in_flight = in_flight
        self._run = run
        self._vector_hash = vector_hash
        self._tombstones = tombstones

    def __call__(self, batch: Batch) -> Batch | None:
        """Keep the items that have to be written and the documents that have to go; count the others."""
        batch.items, superseded = newest_of_each(batch.items)
        batch.counts.superseded += superseded
        if batch.deletions:
            settle_deletions(batch)
        batch.ids = frozenset([*(item.document.id for item in batch.items), *(one.id for one in batch.deletions)])
        if not self._in_flight.claim(batch.ids):
            return None
        stored = self._stored(batch.ids)
        deleted = self._deleted(batch, stored)
        kept: list[Item] = []
        for item in batch.items:
            self._mark(item)
            known = stored.get(item.document.id)
            verdict = judge(item, known, self._run, self._vector_hash)
            if known is None and deleted and item.version <= deleted.get(item.document.id, 0):
                verdict = "stale"
            if verdict == "write":
                kept.append(item)
            else:
                count(batch, verdict)
        batch.items = kept
        if batch.deletions:
            batch.deletions = [one for one in batch.deletions if self._still_to_do(one, batch, stored, deleted)]
        return batch

    def _deleted(self, batch: Batch, stored: dict[str, dict[str, Any]]) -> dict[str, int]:
        """When those of the batch's ids were deleted that the index does not have, if ever."""
        if self._tombstones is None:
            return {}
        if batch.deletions:
            self._tombstones.expect_some()
        return self._tombstones.of(batch.ids - stored.keys())

    def _still_to_do(
        self, deletion: Deletion, batch: Batch, stored: dict[str, dict[str, Any]], deleted: dict[str, int]
    ) -> bool:
        known = stored.get(deletion.id)
        if known is None:
            # Nothing to delete, but an older record may still come: its tombstone is kept, once.
            batch.counts.unchanged += 1
            deletion.is_stored = False
            return deleted.get(deletion.id, 0) < deletion.version
        if int(known["_version"]) > deletion.version:
            batch.counts.stale += 1
            return False
        return True

    def _mark(self, item: Item) -> None:
        if self._run:
            item.body["ingested_from"] = f"{self._run}:{item.position[0]}:{item.position[1]}"

    def _stored(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The stored documents' versions and hashes, by id."""
        wanted = [{"_index": self._alias, "_id": id_, "_source": COMPARED} for id_ in ids]
        found = self._patience.documents(self._client, wanted)
        return {document["_id"]: document for document in found if document.get("found")}


def newest_of_each(items: list[Item]) -> tuple[list[Item], int]:
    """One item an id, the newest, the later of two equally new ones; and how many gave way."""
    newest: dict[str, Item] = {}
    for item in items:
        known = newest.get(item.document.id)
        if known is None or item.version >= known.version:
            newest[item.document.id] = item
    return list(newest.values()), len(items) - len(newest)


def settle_deletions(batch: Batch) -> None:
    """One word an id where a batch has both documents and tombstones: the newest; of two equally new, the tombstone."""
    newest: dict[str, Deletion] = {}
    for deletion in batch.deletions:
        known = newest.get(deletion.id)
        if known is None or deletion.version >= known.version:
            newest[deletion.id] = deletion
    items = [one for one in batch.items if (d := newest.get(one.document.id)) is None or one.version > d.version]
    left = {one.document.id for one in items}
    deletions = [one for one in newest.values() if one.id not in left]
    batch.counts.superseded += len(batch.items) + len(batch.deletions) - len(items) - len(deletions)
    batch.items, batch.deletions = items, deletions


def count(batch: Batch, verdict: Verdict) -> None:
    """Count one record that is not written."""
    if verdict == "unchanged":
        batch.counts.unchanged += 1
    else:
        batch.counts.stale += 1


def judge(item: Item, stored: dict[str, Any] | None, run: str | None, vector_hash: str | None) -> Verdict:
    """What to do with an item, given the stored document of its id (`_version`, `_source`).

    A document whose time was not given but stands in from the file is unchanged as soon as its content is; a given time
    that is newer is written even then, for it decides about later versions. Of two equally new versions in one source
    the later record stays, so that a second run finds nothing to do.
    """
    if stored is None:
        return "write"
    known, version = stored.get("_source", {}), int(stored["_version"])
    same = known.get("content_hash") == item.body["content_hash"]
    has_vector = vector_hash is None or known.get("vector_hash") == vector_hash
    if same and has_vector and (item.stand_in or version >= item.version):
        return "unchanged"
    if version > item.version:
        return "stale"
    if version == item.version and not same and _later_in_run(known.get("ingested_from"), item, run):
        return "stale"
    return "write"


def _later_in_run(stored_from: str | None, item: Item, run: str | None) -> bool:
    if not stored_from or run is None or not stored_from.startswith(f"{run}:"):
        return False
    source, ordinal = stored_from.split(":")[1:]
    return (int(source), int(ordinal)) > item.position

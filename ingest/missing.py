"""`--delete-missing`: what the index has and a full source has not. Two sets of ids on disk, whatever their size.

Documents go only after a run that read its sources to the end and knows the id of every record; only those that are
not newer than the source; never more than the share that was allowed; and each only as it was seen. No tombstone stays:
a source that has the document again brings it back, which a mistaken source needs.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from opensearchpy import OpenSearch, helpers

from ingest.columns import Columns
from ingest.normalise import normalise
from ingest.record import Batch, Refusal
from stack.client import engine_errors, scan_pages
from stack.documents import DocumentKind
from stack.errors import ConfigError, EngineError, InputError, Mistake
from stack.signals import millis

AT_ONCE = 500  # ids in one look-up or bulk request
KEPT_S = 30 * 86_400  # the ids of an unfinished run, for its --resume
SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nameless (number INTEGER);
DROP TABLE IF EXISTS gone;
CREATE TABLE gone (id TEXT, version INTEGER);
"""


class Seen:
    """The ids of all records of a run, in a file, so that a resumed run knows those of its first part too."""

    def __init__(self, path: Path, anew: bool) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for old in path.parent.glob("*.sqlite*"):  # of runs that nobody resumed
                if time.time() - old.stat().st_mtime > KEPT_S:
                    old.unlink(missing_ok=True)
            if anew:
                _remove(path)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            # An id that a loss of power took, with its record behind the mark already, would be a document deleted.
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(f"cannot use {path}: {error}", "Set SOUK_STATE_DIR to a folder with room") from error

    def add(self, batch: Batch, kind: DocumentKind, columns: Columns) -> None:
        """Enter a batch as it was read; a refused record is there too, if its id can be told."""
        refused = [_id_of(refusal, kind, columns) for refusal in batch.refusals]
        ids = [item.document.id for item in batch.items] + [one.id for one in batch.deletions]
        nameless = refused.count(None)
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((id_,) for id_ in [*ids, *refused] if id_))
        if nameless:
            self._db.execute("INSERT INTO nameless VALUES (?)", (nameless,))
        self._db.execute("COMMIT")

    @property
    def nameless(self) -> int:
        """Records whose id is not known: any document might be theirs."""
        return int(self._db.execute("SELECT COALESCE(SUM(number), 0) FROM nameless").fetchone()[0])

    def without(self, ids: list[str]) -> set[str]:
        """Those of the ids that no record had."""
        marks = ",".join("?" * len(ids))
        rows = self._db.execute(f"SELECT id FROM seen WHERE id IN ({marks})", ids)  # noqa: S608  marks only
        return set(ids).difference(row[0] for row in rows)

    def note_gone(self, rows: Iterable[tuple[str, int]]) -> None:
        """Remember documents (id, version) that are to be deleted."""
        self._db.executemany("INSERT INTO gone VALUES (?, ?)", rows)

    def gone(self) -> Iterator[tuple[str, int]]:
        """What is to be deleted."""
        yield from self._db.execute("SELECT id, version FROM gone")

    def close(self, finished: bool) -> None:
        """Close the file, and remove it when the run it is of is over."""
        self._db.close()
        if finished:
            _remove(self._path)


def _remove(path: Path) -> None:
    for each in (path, *path.parent.glob(f"{path.name}-*")):
        each.unlink(missing_ok=True)


@dataclass(frozen=True)
class Missing:
    """How many documents the index has, how many of them no record has, and of these how many are newer than it."""

    total: int
    missing: int
    newer: int


def find_missing(client: OpenSearch, alias: str, seen: Seen, source_time: datetime) -> Missing:
    """Compare the whole index with what was seen, and note in `seen` what is to go. Raises EngineError."""
    total = missing = newer = 0
    body = {"query": {"match_all": {}}, "version": True, "_source": False}
    with engine_errors():
        for group in scan_pages(client, alias, body, AT_ONCE):
            versions = {hit["_id"]: int(hit["_version"]) for hit in group}
            total += len(versions)
            absent = seen.without(list(versions))
            old = [(id_, versions[id_]) for id_ in absent if versions[id_] <= millis(source_time)]
            newer += len(absent) - len(old)
            missing += len(old)
            seen.note_gone(old)
    return Missing(total, missing, newer)


def check_share(found: Missing, kind: DocumentKind, max_delete: float) -> None:
    """Raise InputError when more would go than `max_delete` percent of the index."""
    share = 100 * found.missing / max(1, found.total)
    if share > max_delete:
        what = f"{found.missing:,} of {found.total:,} {kind}s ({share:.1f}%) are not in the source, more than"
        remedy = f"Nothing was deleted. Is the source complete? Then allow it: --max-delete {_rounded_up(share)}%"
        raise InputError([Mistake("--delete-missing", f"{what} {max_delete:g}%")], remedy)


def delete_missing(client: OpenSearch, alias: str, seen: Seen) -> int:
    """Delete what `find_missing` noted; a document that was written meanwhile stays. How many went."""
    deleted = 0
    actions = (
        {"_op_type": "delete", "_index": alias, "_id": id_, "version": version, "version_type": "external_gte"}
        for id_, version in seen.gone()
    )
    with engine_errors():
        for good, outcome in helpers.streaming_bulk(
            client, actions, chunk_size=AT_ONCE, raise_on_error=False, max_retries=5
        ):
            status = outcome["delete"]["status"]
            if not good and status not in (404, 409):
                raise EngineError(f"a document could not be deleted: {outcome['delete']}", "Run the command again")
            deleted += good
        client.indices.refresh(index=alias)
    return deleted


def _rounded_up(share: float) -> int:
    return int(share) + (share > int(share))


def _id_of(refusal: Refusal, kind: DocumentKind, columns: Columns) -> str | None:
    if not isinstance(refusal.data, dict):
        return None
    try:
        return normalise(kind, columns.apply(refusal.data))[0].get("id")
    except Exception:  # noqa: BLE001  a record that nobody foresaw, refused for that
        return None

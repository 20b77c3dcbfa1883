"""Document vectors on disk, by the hash of their text: a second ingest computes nothing."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numpy as np
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from stack.embedding.card import ModelCard
from stack.embedding.session import Vectors

log = logging.getLogger(__name__)

LOCKED_S = 30.0


class VectorCache:
    """One SQLite file a model. Safe among threads and processes; a full or broken disk only costs the cache."""

    def __init__(self, folder: Path, card: ModelCard) -> None:
        self._lock = Lock()
        self._broken = False
        self._db = self._open(folder / f"{card.name}-{card.hash}.sqlite")

    def get_many(self, texts: Sequence[str]) -> dict[int, Vectors]:
        """The known vectors, by place in `texts`, each float32 `(d,)`."""
        keys = [_key(text) for text in texts]
        known: dict[bytes, Vectors] = {}
        with self._lock:
            try:
                known = self._select(list(dict.fromkeys(keys)))
            except sqlite3.Error as error:
                self._report(error)
        return {place: known[key] for place, key in enumerate(keys) if key in known}

    def put_many(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors `(n, d)` of `n` texts."""
        rows = [(_key(text), vector.astype(np.float32).tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with self._lock:
            try:
                self._insert(rows)
            except sqlite3.Error as error:
                self._report(error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db:
                self._db.close()

    def _open(self, file: Path) -> sqlite3.Connection | None:
        """The file, made anew when it is no cache; None where there can be none."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _connect(file)
            except sqlite3.OperationalError:  # locked, read-only, full: the file itself may be good
                raise
            except sqlite3.DatabaseError:
                log.warning("%s is no vector cache: it is made anew", file)
                file.unlink()
                return _connect(file)
        except (OSError, sqlite3.Error) as error:
            self._report(error)
            return None

    def _select(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        if self._db is None:
            return known
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608
            known.update((key, np.frombuffer(vector, np.float32)) for key, vector in rows)
        return known

    def _insert(self, rows: list[tuple[bytes, bytes]]) -> None:
        if self._db:
            with _transaction(self._db):
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def _report(self, error: Exception) -> None:
        if not self._broken:
            log.warning("the vector cache cannot be used (%s): vectors are computed without it", error)
        self._broken = True


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What runs inside is kept whole, or not at all."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has ended it already
            db.execute("ROLLBACK")
        raise


def _connect(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=LOCKED_S, check_same_thread=False, isolation_level=None)
    # Two processes that switch a new file to WAL at once: SQLite calls it locked without waiting out the timeout.
    for attempt in Retrying(
        retry=retry_if_exception(_is_locked), stop=stop_after_delay(LOCKED_S), wait=wait_random(0, 0.05), reraise=True
    ):
        with attempt:
            db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")  # a lost entry is computed again
    db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
    return db


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()

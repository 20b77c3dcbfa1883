"""Document vectors on disk, by the hash of their text: a second ingest computes nothing."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from stack.embedding.card import ModelCard
from stack.embedding.session import Vectors

log = logging.getLogger(__name__)


class VectorCache:
    """One SQLite file a model. Safe among threads and processes; a full or broken disk only costs the cache."""

    def __init__(self, folder: Path, card: ModelCard) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._broken = False
        self._db = sqlite3.connect(
            folder / f"{card.name}-{card.hash}.sqlite", timeout=30, check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # a lost entry is computed again
        self._db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def get_many(self, texts: Sequence[str]) -> dict[int, Vectors]:
        """The known vectors, by place in `texts`, each float32 `(d,)`."""
        places = {_key(text): place for place, text in reversed(list(enumerate(texts)))}
        known: dict[bytes, Vectors] = {}
        keys = list(places)
        try:
            with self._lock:
                for start in range(0, len(keys), 500):
                    part = keys[start : start + 500]
                    marks = ",".join("?" * len(part))
                    rows = self._db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)  # noqa: S608
                    known.update((key, np.frombuffer(vector, np.float32)) for key, vector in rows)
        except sqlite3.Error as error:
            self._report(error)
        return {place: known[key] for place, text in enumerate(texts) if (key := _key(text)) in known}

    def put_many(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors `(n, d)` of `n` texts."""
        rows = [(_key(text), vector.astype(np.float32).tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        try:
            with self._lock:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._report(error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _report(self, error: sqlite3.Error) -> None:
        if not self._broken:
            log.warning("the vector cache cannot be used (%s): vectors are computed without it", error)
        self._broken = True
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()

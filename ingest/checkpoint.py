"""How far each unfinished run has come, in a small SQLite file: a killed run goes on where it stopped."""

from __future__ import annotations

import json
import logging
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.record import Counts, Position
from stack.errors import ConfigError

log = logging.getLogger(__name__)
SCHEMA = """CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, source INTEGER, ordinal INTEGER, counts TEXT, dead_letters TEXT, dead_bytes INTEGER,
    saved_at TEXT DEFAULT CURRENT_TIMESTAMP)"""


@dataclass(frozen=True)
class Mark:
    """All records up to `position` are dealt with; `counts` says how; the dead letters had so many bytes then."""

    position: Position = field(default_factory=Position)
    counts: Counts = field(default_factory=Counts)
    dead_letters: Path | None = None
    dead_bytes: int = 0


class Checkpoints:
    """Marks by run. A run is its sources (path, size, time), its options and its index; change one: another run."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            # WAL survives a kill -9; a loss of power costs the last marks at most, and their records are repeated.
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise _unusable(path, error) from error
        self._path = path
        self._warned = False

    def load(self, run: str) -> Mark | None:
        """The mark of an unfinished run. Raises ConfigError when it cannot be read: the user says what then."""
        columns = "source, ordinal, counts, dead_letters, dead_bytes"
        try:
            row = self._db.execute(f"SELECT {columns} FROM runs WHERE run = ?", (run,)).fetchone()  # noqa: S608
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error
        if row is None:
            return None
        source, ordinal, counts, dead_letters, dead_bytes = row
        path = Path(dead_letters) if dead_letters else None
        return Mark(Position(source, ordinal), Counts.from_dict(json.loads(counts)), path, dead_bytes)

    def save(self, run: str, mark: Mark) -> None:
        """Replace the mark of a run. On a full disk the old mark stays, with a warning: a resume repeats more."""
        path = str(mark.dead_letters) if mark.dead_letters else None
        place = (mark.position.source, mark.position.ordinal)
        row = (run, *place, json.dumps(mark.counts.as_dict()), path, mark.dead_bytes)
        self._change(
            "INSERT OR REPLACE INTO runs (run, source, ordinal, counts, dead_letters, dead_bytes)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )

    def clear(self, run: str) -> None:
        """Forget a run that is finished. Where that fails, a later --resume repeats what it had done."""
        self._change("DELETE FROM runs WHERE run = ?", (run,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _change(self, statement: str, values: tuple[Any, ...]) -> None:
        # Documents are safe in the index without a mark, so a run does not end for one; it is told once.
        try:
            self._db.execute(statement, values)
        except sqlite3.Error as error:
            if not self._warned:
                log.warning("cannot write %s (%s): --resume would go on from an earlier record", self._path, error)
            self._warned = True


def _unusable(path: Path, error: Exception) -> ConfigError:
    remedy = "Set SOUK_STATE_DIR to a folder that can be written and has room, or remove a damaged file"
    return ConfigError(f"cannot use {path}: {error}", remedy)

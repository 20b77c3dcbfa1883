"""What a run did, as one value: printed at its end, logged as JSON, turned into the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.record import Counts

SOME_REFUSED, FAILED, INTERRUPTED = 1, 2, 130


@dataclass(frozen=True)
class Snapshot:
    """How far a run is. `resumed` records were dealt with by an earlier, unfinished run; `seconds` are this run's."""

    counts: Counts
    seconds: float
    resumed: int = 0
    bytes_done: float = 0
    bytes_total: int | None = None

    @property
    def rate(self) -> float:
        """Records a second, of this run's own."""
        return max(0, self.counts.read - self.resumed) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By bytes of the files; None when their size or the pace is unknown."""
        if not self.bytes_total or not self.bytes_done or self.seconds < 1:
            return None
        return max(0.0, self.bytes_total / self.bytes_done - 1) * self.seconds

    def as_dict(self) -> dict[str, Any]:
        """For a line of JSON."""
        known: dict[str, Any] = {"seconds": round(self.seconds, 2), "docs_per_s": round(self.rate, 1)}
        known |= self.counts.as_dict()
        if self.resumed:
            known["resumed_at"] = self.resumed
        if self.bytes_total:
            known["share"] = round(min(1.0, self.bytes_done / self.bytes_total), 4)
        if self.seconds_left is not None:
            known["seconds_left"] = round(self.seconds_left, 1)
        return known


@dataclass(frozen=True)
class Summary:
    """The end of a run. `valid` is set for a dry run only, which writes nothing."""

    kind: str
    ending: str
    snapshot: Snapshot
    dead_letters: Path | None = None
    valid: int | None = None
    deletion_refused: bool = False

    @property
    def exit_code(self) -> int:
        """0 all good, 1 some records refused, 2 a deletion refused, 130 interrupted."""
        if self.deletion_refused:
            return FAILED
        if self.ending == "interrupted":
            return INTERRUPTED
        return SOME_REFUSED if self.snapshot.counts.refused else 0

    def as_dict(self) -> dict[str, Any]:
        """For a line of JSON."""
        facts = {"event": "summary", "kind": self.kind, "ending": self.ending} | self.snapshot.as_dict()
        for name in ("share", "seconds_left"):
            facts.pop(name, None)
        if self.valid is not None:
            facts["valid"] = self.valid
        if self.dead_letters is not None:
            facts["dead_letters"] = str(self.dead_letters)
        return facts

"""What travels down the road: a raw record, a refused one, an item to be written, and a batch of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stack.documents import AnyDocument
from stack.errors import Mistake

RAW_KEPT = 10_000  # characters of an unreadable line that go to the dead letters: enough to find and mend it


@dataclass(frozen=True, slots=True)
class Record:
    """One record as a reader found it.

    `line` is the 1-based line it starts on (Parquet: the row), `ordinal` its 1-based place among the records of the
    source, `size` its bytes in the decompressed source (0 when unknown). Exactly one of `data` and `problem` is set;
    `raw` is then the start of the text that could not be read.
    """

    line: int
    ordinal: int
    data: dict[str, Any] | None
    problem: str | None = None
    raw: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that will not be written, with every reason. `detail`: what the engine (or Python) said."""

    source: str
    line: int
    mistakes: tuple[Mistake, ...]
    data: Any = None
    raw: str | None = None
    detail: str = ""

    def reasons(self) -> list[str]:
        """The reasons as they are counted in the summary: field and fault, without the value."""
        return [f"{mistake.where.partition('.')[0].partition('[')[0]}: {mistake.what}" for mistake in self.mistakes]


@dataclass(slots=True)
class Item:
    """A valid document on its way to the index. `body` is what is stored, `record` and `source` where it came from."""

    document: AnyDocument
    body: dict[str, Any]
    version: int
    stand_in: bool  # the record had no updated_at: `version` is the file's time
    record: Record
    source: str
    position: tuple[int, int]  # (source number, ordinal): the order within the run


@dataclass(slots=True)
class Deletion:
    """A tombstone on its way: delete what the index has under `id`, unless that is newer than `version`."""

    id: str
    version: int
    stand_in: bool
    record: Record
    source: str
    position: tuple[int, int]
    is_stored: bool = True  # there is a document to delete; without one, only the tombstone is kept


@dataclass(slots=True)
class Change:
    """A partial record of `--update`: the fields that it sets, clean; one that is None is taken away."""

    id: str
    fields: dict[str, Any]
    at: datetime
    version: int  # `at` in milliseconds
    stand_in: bool
    record: Record
    source: str
    position: tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a run has come: all records up to `ordinal` of source number `source` (0-based) are dealt with."""

    source: int = 0
    ordinal: int = 0


COUNTED_REASONS = 200  # distinct reasons kept apart; the rest is one line, so that memory stays constant
OTHER_REASONS = "other reasons"


@dataclass(slots=True)
class Counts:
    """What became of records. `read` = written + unchanged + stale + superseded + deleted + refused, all done.

    `deleted` has those of --delete-missing too, which no record was read for.
    """

    read: int = 0
    written: int = 0
    unchanged: int = 0
    stale: int = 0
    superseded: int = 0  # a newer record of the same id stood in the same batch
    deleted: int = 0
    refused: int = 0
    vectors_computed: int = 0
    vectors_cached: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Add `other` to this."""
        for name in COUNT_NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, count in other.reasons.items():
            known = reason in self.reasons or len(self.reasons) < COUNTED_REASONS
            self.reasons[reason if known else OTHER_REASONS] += count

    def refuse(self, refusal: Refusal) -> None:
        """Count one refused record under each of its reasons."""
        self.refused += 1
        self.reasons.update(refusal.reasons())

    def as_dict(self) -> dict[str, Any]:
        """All counts, for JSON."""
        return {name: getattr(self, name) for name in COUNT_NAMES} | {"reasons": dict(self.reasons.most_common())}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Counts:
        """The reverse of `as_dict`."""
        numbers = {name: int(values.get(name, 0)) for name in COUNT_NAMES}
        return cls(**numbers, reasons=Counter(values.get("reasons", {})))


COUNT_NAMES = (
    "read",
    "written",
    "unchanged",
    "stale",
    "superseded",
    "deleted",
    "refused",
    "vectors_computed",
    "vectors_cached",
)


@dataclass(slots=True)
class Batch:
    """Consecutive records. Each stage takes items out of `items`; what becomes of them is told in `counts`.

    `deletions` and `changes` are the rarer records beside them.
    """

    number: int
    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    size: int = 0
    end: Position = field(default_factory=Position)
    ids: frozenset[str] = frozenset()
    deletions: list[Deletion] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Take a record out of the run."""
        self.refusals.append(refusal)
        self.counts.refuse(refusal)

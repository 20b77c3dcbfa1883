"""Sources → batches: open, tell the format, read, map columns, validate, and cut into pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ingest.columns import Columns
from ingest.readers import FORMATS, Format, detect, header_of
from ingest.record import Batch, Deletion, Item, Position, Record, Refusal
from ingest.sources import OpenSource, Source, open_source
from ingest.update.partial import PartialValidator
from ingest.validate import Validator
from stack.documents import DocumentKind
from stack.errors import InputError, Mistake

AUTO = "auto"
BATCH_BYTES = 4 << 20  # of source: long records make smaller batches, so that memory does not depend on their length


@dataclass
class Reading:
    """What is read, and how far. `bytes_read` counts bytes of the files as they lie on disk."""

    kind: DocumentKind
    sources: list[Source]
    format: str
    columns: Columns
    batch: int = 500
    limit: int | None = None
    now: datetime = field(kw_only=True)
    update: bool = field(default=False, kw_only=True)  # the records are partial

    def __post_init__(self) -> None:
        self.records = 0
        self._passed = 0
        self._open: OpenSource | None = None
        self.validator = PartialValidator(self.kind, self.now) if self.update else Validator(self.kind, self.now)

    @property
    def bytes_read(self) -> int:
        """Bytes read so far."""
        return self._passed + (self._open.bytes_read if self._open else 0)

    @property
    def bytes_total(self) -> int | None:
        """Bytes there are to read; None when a source has no size."""
        sizes = [source.size for source in self.sources]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    def check(self) -> None:
        """Open each file once and tell its format: what cannot be read is refused before anything is written.

        Raises InputError. Standard input is looked at when its turn comes.
        """
        for source in self.sources:
            if source.remote is not None or (source.path is not None and source.path.is_file()):
                opened = open_source(source)
                try:
                    self._format_of(opened)
                finally:
                    opened.close()

    def batches(self, start: Position, already: int = 0) -> Iterator[Batch]:
        """Yield batches of the records after `start`, numbered from 0. `already` records count towards the limit."""
        self.records = already
        batch = Batch(0, end=start)
        for number, source, record in self._records(start):
            self._add(batch, number, source, record)
            if batch.counts.read >= self.batch or batch.size >= BATCH_BYTES:
                yield batch
                batch = Batch(batch.number + 1, end=batch.end)
        if batch.counts.read:
            yield batch

    def _records(self, start: Position) -> Iterator[tuple[int, Source, Record]]:
        for number, source in enumerate(self.sources):
            if number < start.source or self._full():
                continue
            skip = start.ordinal if number == start.source else 0
            self._open = opened = open_source(source)
            try:
                format_ = self._format_of(opened)
                if isinstance(self.validator, PartialValidator):
                    self.validator.nulls = not format_.is_table
                for record in named(source, format_.read(opened.stream, skip)):
                    if self._full():
                        break
                    self.records += 1
                    yield number, source, record
                else:
                    source.check_unchanged()
            finally:
                self._passed, self._open = self._passed + opened.bytes_read, None
                opened.close()

    def _full(self) -> bool:
        return self.limit is not None and self.records >= self.limit

    def _add(self, batch: Batch, number: int, source: Source, record: Record) -> None:
        batch.counts.read += 1
        batch.size += record.size
        batch.end = Position(number, record.ordinal)
        if record.data is None:
            mistake = Mistake("record", record.problem or "cannot be read")
            batch.refuse(Refusal(source.name, record.line, (mistake,), raw=record.raw))
            return
        modified = min(source.modified, self.now)
        checked = self.validator.check(record, self.columns.apply(record.data), source.name, number, modified)
        if isinstance(checked, Item):
            batch.items.append(checked)
        elif isinstance(checked, Refusal):
            batch.refuse(checked)
        elif isinstance(checked, Deletion):
            batch.deletions.append(checked)
        else:
            batch.changes.append(checked)

    def _format_of(self, opened: OpenSource) -> Format:
        name = opened.source.name
        found = detect(name, opened.head, self.kind) if self.format == AUTO else FORMATS[self.format]
        if found.kind not in (None, self.kind):
            raise InputError([Mistake(name, f"{found.name} holds {found.kind}s")], f"Use souk ingest {found.kind}s")
        if found.own_fields and self.columns.mapping:
            remedy = "Leave --map out, or read it as --format csv or jsonl"
            raise InputError([Mistake("--map", f"{found.name} names its fields itself")], remedy)
        header = header_of(found, opened.head, name)
        if header is not None and header != ("",) and opened.head:
            self.columns.check_header(name, header)
        return found


def named(source: Source, records: Iterator[Record]) -> Iterator[Record]:
    """The same records; an InputError of the reader, which knows a stream only, gets the name of the source."""
    try:
        yield from records
    except InputError as error:
        mistakes = [Mistake(f"{source.name}, {one.where}", one.what, one.allowed) for one in error.mistakes]
        raise InputError(mistakes, error.remedy) from error

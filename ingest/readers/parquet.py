"""Parquet, a batch of rows at a time. Nested columns become lists and dictionaries."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Any

import pyarrow
import pyarrow.parquet

from ingest.record import Record
from stack.errors import InputError, Mistake

Row = tuple[dict[str, Any] | None, str | None]  # the row, or its problem
ROWS = 512  # rows decoded at once: bounds memory, whatever the size of the file's row groups


def open_table(stream: BufferedReader) -> Any:
    """The Parquet file behind a stream. Raises InputError when it is none.

    Parquet has its directory at the end: what cannot be sought in (standard input, gzip) goes to a temporary file.
    """
    try:
        return pyarrow.parquet.ParquetFile(getattr(stream, "path", None) or _seekable(stream))
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        raise InputError([Mistake("parquet", f"not a readable Parquet file: {error}")], "Check the file") from error


def read(stream: BufferedReader, skip: int = 0) -> Iterator[Record]:
    """Yield the rows after the first `skip`; row groups that lie wholly before them are not decoded."""
    table = open_table(stream)
    groups, ordinal = _groups_after(table, skip)
    try:
        for batch in table.iter_batches(batch_size=ROWS, row_groups=groups) if groups else ():
            size = batch.nbytes // max(1, batch.num_rows)
            for row, problem in _rows(in_microseconds(batch)):
                ordinal += 1
                if ordinal > skip:
                    yield Record(ordinal, ordinal, row, problem, size=size)
    except (pyarrow.ArrowException, OSError) as error:
        yield Record(ordinal + 1, ordinal + 1, None, f"the file is damaged here ({error})")


def in_microseconds(batch: Any) -> Any:
    """The batch with times to the microsecond, in UTC where they have a zone: Python's own times hold no more."""
    schema = batch.schema
    fields = [field.with_type(_in_microseconds(field.type)) for field in schema]
    if all(new.type == old.type for new, old in zip(fields, schema, strict=True)):
        return batch
    # safe=False: digits below a microsecond may go.
    columns = [column.cast(field.type, safe=False) for column, field in zip(batch.columns, fields, strict=True)]
    return pyarrow.RecordBatch.from_arrays(columns, schema=pyarrow.schema(fields))


def _in_microseconds(type_: Any) -> Any:
    types = pyarrow.types
    if types.is_timestamp(type_) and (type_.unit == "ns" or type_.tz):
        unit = "us" if type_.unit == "ns" else type_.unit
        return pyarrow.timestamp(unit, "UTC" if type_.tz else None)
    if types.is_time64(type_) and type_.unit == "ns":
        return pyarrow.time64("us")
    if types.is_duration(type_) and type_.unit == "ns":
        return pyarrow.duration("us")
    if types.is_list(type_):
        return pyarrow.list_(type_.value_field.with_type(_in_microseconds(type_.value_type)))
    if types.is_struct(type_):
        return pyarrow.struct([field.with_type(_in_microseconds(field.type)) for field in type_])
    return type_


def _rows(batch: Any) -> list[Row]:
    """Each row, or why Python cannot hold it: a time after the year 9999, a text that is not UTF-8."""
    try:
        return [(row, None) for row in batch.to_pylist()]
    except (ValueError, OverflowError):
        return [_row(batch.slice(place, 1)) for place in range(batch.num_rows)]


def _row(one: Any) -> Row:
    try:
        return one.to_pylist()[0], None
    except (ValueError, OverflowError) as error:
        return None, f"holds a value that cannot be read ({error})"


def _groups_after(table: Any, skip: int) -> tuple[list[int], int]:
    passed = 0
    for group in range(table.num_row_groups):
        rows = table.metadata.row_group(group).num_rows
        if passed + rows > skip:
            return list(range(group, table.num_row_groups)), passed
        passed += rows
    return [], passed


def _seekable(stream: BufferedReader) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the table
    shutil.copyfileobj(stream, copy, 1 << 20)
    copy.seek(0)
    return copy

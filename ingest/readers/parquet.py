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
            for row in batch.to_pylist():
                ordinal += 1
                if ordinal > skip:
                    yield Record(ordinal, ordinal, row, size=size)
    except (pyarrow.ArrowException, OSError) as error:
        yield Record(ordinal + 1, ordinal + 1, None, f"the file is damaged here ({error})")


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

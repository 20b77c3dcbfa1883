"""Byte streams and records for the readers' tests."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

from ingest.record import Record


def stream(data: bytes | str) -> io.BufferedReader:
    """A stream over some bytes."""
    return io.BufferedReader(io.BytesIO(data.encode() if isinstance(data, str) else data))


def problems(records: list[Record]) -> dict[int, str]:
    """Line → problem, of the broken records."""
    return {record.line: record.problem for record in records if record.problem}


def write_gzip(path: Path, data: bytes) -> Path:
    """A gzip file."""
    path.write_bytes(gzip.compress(data))
    return path

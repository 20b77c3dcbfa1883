"""JSON Lines: one JSON object a line, UTF-8. Empty lines are passed over."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

import orjson

from ingest.readers.lines import LINE_LIMIT, BrokenStream, TooLong, read_lines
from ingest.record import RAW_KEPT, Record


def read(stream: BufferedReader, skip: int = 0, limit: int = LINE_LIMIT) -> Iterator[Record]:
    """Yield the records after the first `skip`, which are counted without being parsed."""
    ordinal = 0
    for number, line in read_lines(stream, limit):
        if isinstance(line, bytes) and not line.strip():
            continue
        ordinal += 1
        if ordinal > skip:
            yield _record(number, ordinal, line, limit)


def _record(number: int, ordinal: int, line: bytes | TooLong | BrokenStream, limit: int) -> Record:
    if isinstance(line, TooLong):
        raw = line.start.decode("utf-8", "replace")[:RAW_KEPT]
        return Record(number, ordinal, None, f"longer than {limit >> 20} MiB", raw, limit)
    if isinstance(line, BrokenStream):
        return Record(number, ordinal, None, line.reason)
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        problem = f"not JSON ({error.msg})"
    else:
        if isinstance(data, dict):
            return Record(number, ordinal, data, size=len(line))
        problem = "not a JSON object"
    return Record(number, ordinal, None, problem, line[:RAW_KEPT].decode("utf-8", "replace"), len(line))

"""Lines of a byte stream, none longer than a limit, in constant memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

LINE_LIMIT = 16 << 20  # bytes; a document's text is at most 200,000 characters, so a longer line is not a record
STREAM_ERRORS = (OSError, EOFError, zlib.error)  # what a damaged or cut gzip file raises
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line over the limit: its first bytes only, the rest was passed over."""

    start: bytes


@dataclass(frozen=True, slots=True)
class BrokenStream:
    """The stream ended in an error here; nothing can be read after it."""

    reason: str


def read_lines(stream: BufferedReader, limit: int = LINE_LIMIT) -> Iterator[tuple[int, bytes | TooLong | BrokenStream]]:
    """Yield (line number from 1, line). A byte order mark at the start is taken off."""
    number = 0
    try:
        while line := stream.readline(limit + 1):
            number += 1
            if number == 1 and line.startswith(BOM):
                line = line[3:]
            if len(line) > limit:
                _pass_over(stream, line, limit)
                yield number, TooLong(line[:10_000])
            else:
                yield number, line
    except STREAM_ERRORS as error:
        yield number + 1, BrokenStream(f"the file is damaged or cut off here ({error})")


def _pass_over(stream: BufferedReader, line: bytes, limit: int) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(limit)

"""Delimited text with a header: comma, semicolon or tab, told by the header line; UTF-8, quoted as RFC 4180 says."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BufferedReader

from ingest.readers.lines import LINE_LIMIT, BrokenStream, TooLong, read_lines
from ingest.record import RAW_KEPT, Record
from stack.errors import InputError, Mistake

DELIMITERS = (",", ";", "\t")
# Longest field: above the 200,000 characters of a text field. Low enough that an unclosed quote, which makes the rest
# of a file one field, costs about a megabyte of rows instead of all of them.
FIELD_LIMIT = 1 << 20
HEADER_REMEDY = "Give each column its own name in the first line"


class _Lines:
    """Feeds decoded lines to csv.reader and remembers what it saw: line number, bytes, a problem of the stream."""

    def __init__(self, stream: BufferedReader, limit: int) -> None:
        self._lines = read_lines(stream, limit)
        self.number = 0
        self.size = 0
        self.problem: str | None = None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        if isinstance(line, BrokenStream):
            self.problem = line.reason
            raise StopIteration
        if isinstance(line, TooLong):
            self.problem = "longer than 16 MiB"
            return "\n"
        self.size += len(line)
        return line.decode("utf-8", "surrogateescape")


def sniff(header_line: str) -> str:
    """The delimiter of a header line: the candidate that stands outside of quotes most often."""
    outside = "".join(header_line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def header_of(head: bytes, source: str) -> tuple[str, ...]:
    """The columns that the first line of `head` names. Raises InputError when that is no line of a table."""
    line = head.decode("utf-8-sig", "replace").split("\n", 1)[0].rstrip("\r")
    return tuple(_names(line, sniff(line), f"{source}, line 1"))


def read(stream: BufferedReader, skip: int = 0, limit: int = LINE_LIMIT) -> Iterator[Record]:
    """Yield the records after the first `skip`.

    Raises InputError when the first line is none of a table, names no column, or one twice.
    """
    csv.field_size_limit(FIELD_LIMIT)
    lines = _Lines(stream, limit)
    first = next(lines, None)
    if first is None:
        return
    delimiter = sniff(first)
    header = _names(first, delimiter, "line 1")
    _check_header(header)
    yield from _rows(csv.reader(lines, delimiter=delimiter), lines, header, skip)


def _names(line: str, delimiter: str, where: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error as error:
        bare_return = "\r" in line.rstrip("\r\n")
        what = "ends lines with a bare carriage return, or is no text" if bare_return else f"is no header ({error})"
        remedy = "Write each record on a line that ends with a line feed: tr '\\r' '\\n' < FILE | souk ingest … -"
        raise InputError([Mistake(where, what)], remedy if bare_return else HEADER_REMEDY) from error


def _rows(rows: Iterator[list[str]], lines: _Lines, header: list[str], skip: int) -> Iterator[Record]:
    ordinal = 0
    while True:
        start, lines.size, problem = lines.number + 1, 0, None
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            row, problem = [], f"{error}; is a quote not closed?"
        problem = lines.problem or problem
        lines.problem = None
        if not row and problem is None:
            continue
        ordinal += 1
        if ordinal > skip:
            yield _record(start, ordinal, header, row, problem, lines.size)
    if lines.problem:
        yield Record(lines.number, ordinal + 1, None, lines.problem)


def _record(line: int, ordinal: int, header: list[str], row: list[str], problem: str | None, size: int) -> Record:
    if problem is None:
        text = "".join(row)
        if len(row) != len(header):
            problem = f"{len(row)} columns where the header has {len(header)}"
        elif "\x00" in text:
            problem = "holds a NUL byte"
        elif not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            problem = "not UTF-8"
    if problem is None:
        return Record(line, ordinal, dict(zip(header, row, strict=True)), size=size)
    raw = ",".join(row).encode("utf-8", "surrogateescape")[:RAW_KEPT].decode("utf-8", "replace")
    return Record(line, ordinal, None, problem, raw, size)


def _check_header(header: list[str]) -> None:
    mistakes = [Mistake("header", f"names {name!r} twice") for name in sorted(set(header)) if header.count(name) > 1]
    if not any(header):
        mistakes.append(Mistake("header", "the first line names no columns"))
    if mistakes:
        raise InputError(mistakes, HEADER_REMEDY)
    if any("\udc80" <= character <= "\udcff" for character in "".join(header)):
        raise InputError([Mistake("header", "is not UTF-8")], "Convert the file: iconv -f LATIN1 -t UTF-8 FILE")

"""Readers: each has `read(stream, skip=0) -> Iterator[Record]`, constant memory, and never stops at a broken record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader

import orjson

from ingest.readers import csv, esci, icecat, jsonl, parquet, wands, youtube
from ingest.record import Record
from stack.documents import DocumentKind
from stack.errors import InputError, Mistake


@dataclass(frozen=True)
class Format:
    """A format: how it is read, and whether it names its fields itself (so that a column map has no place)."""

    name: str
    read: Callable[[BufferedReader, int], Iterator[Record]]
    own_fields: bool = False
    kind: DocumentKind | None = None  # the only kind it holds
    is_table: bool = True  # a missing value is written as null or nothing


FORMATS = {
    "jsonl": Format("jsonl", jsonl.read, is_table=False),
    "csv": Format("csv", csv.read),
    "parquet": Format("parquet", parquet.read),
    "icecat": Format("icecat", icecat.read, own_fields=True, kind="product"),
    "wands": Format("wands", wands.read, own_fields=True, kind="product"),
    "esci": Format("esci", esci.read, own_fields=True, kind="product"),
    "youtube": Format("youtube", youtube.read, own_fields=True, kind="video"),
}
ICECAT_COLUMNS = ("supplier", "img_500x500", "attr_")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def detect(name: str, head: bytes, kind: DocumentKind) -> Format:
    """The format of a source by its first bytes (decompressed) and its columns. Raises InputError when none fits."""
    if head.startswith(b"PAR1"):
        return FORMATS["parquet"]
    if head.startswith(UTF16_MARKS):
        raise InputError([Mistake(name, "is UTF-16")], f"Convert it: iconv -f UTF-16 -t UTF-8 {name}")
    if head.startswith(b"PK\x03\x04"):
        raise InputError([Mistake(name, "is a zip archive")], f"Unpack it: unzip -p {name} | souk ingest {kind}s -")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        remedy = f"Make JSON Lines of it: jq -c '.[]' {name} | souk ingest {kind}s -"
        raise InputError([Mistake(name, "is one JSON array")], remedy)
    if start.startswith(b"{"):
        return FORMATS["icecat" if kind == "product" and _is_icecat(start) else "jsonl"]
    columns = set(csv.header_of(start, name))
    if kind == "video" and columns >= youtube.COLUMNS:
        return FORMATS["youtube"]
    return FORMATS["wands" if kind == "product" and columns >= wands.COLUMNS else "csv"]


def _is_icecat(start: bytes) -> bool:
    line = start.split(b"\n", 1)[0]
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return all(any(str(name).startswith(column) for name in row) for column in ICECAT_COLUMNS)


def header_of(format_: Format, head: bytes, name: str) -> tuple[str, ...] | None:
    """The columns of a table that names them in its first bytes; None for the other formats."""
    return csv.header_of(head, name) if format_.name == "csv" else None

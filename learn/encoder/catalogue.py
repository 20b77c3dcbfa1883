"""The documents that are learned from: those of the index, or JSON Lines with Souk's own field names."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from opensearchpy import OpenSearch, helpers
from pydantic import ValidationError

from stack.client import engine_errors
from stack.documents import DOCUMENT_TYPES, Document, Kind
from stack.embedding.stored import ORDERED, in_order
from stack.errors import InputError, Mistake
from stack.indexes import read_index

PAGE = 1_000
SHOWN = 20
# A file need not say when its records changed; a stored document always does.
SOME_DAY = "2000-01-01T00:00:00Z"


def from_index(client: OpenSearch, alias: str, kind: Kind) -> list[Document]:
    """Every document of an index, by id, with its texts as they were ingested.

    Raises NotFoundError when the index is not there, EngineError when it cannot be read to its end.
    """
    read_index(client, alias)
    fields = list(DOCUMENT_TYPES[kind].model_fields)
    body = {"_source": [*fields, ORDERED]}
    with engine_errors():
        rows = [hit["_source"] for hit in helpers.scan(client, index=alias, query=body, size=PAGE)]
    documents = [in_order(_document(row, kind, fields), row.get(ORDERED, ())) for row in rows]
    return sorted(documents, key=lambda document: document.id)


def from_files(files: Sequence[Path], kind: Kind) -> list[Document]:
    """Documents of JSON Lines files, plain or gzip, as `souk market generate` writes them; of two with one id the last.

    Other formats: ingest them first and train from the index. Raises InputError that names file and line of every
    record that is none.
    """
    mistakes: list[Mistake] = []
    found: dict[str, Document] = {}
    for file in files:
        for place, row in _rows(file, mistakes):
            try:
                document = _document({"updated_at": SOME_DAY} | row, kind, list(DOCUMENT_TYPES[kind].model_fields))
                found[document.id] = document
            except ValidationError as error:
                mistakes += [Mistake(f"{place}: {_field(item)}", str(item["msg"])) for item in error.errors()]
    if not mistakes and not found:
        mistakes.append(Mistake(", ".join(map(str, files)), f"there are no {kind}s"))
    if mistakes:
        more = len(mistakes) - SHOWN
        raise InputError(
            mistakes[:SHOWN],
            (f"{more} more are not shown. " if more > 0 else "")
            + "--catalogue reads JSON Lines with Souk's own field names; ingest other formats and train from the index",
        )
    return list(found.values())


def _document(row: dict[str, Any], kind: Kind, fields: Sequence[str]) -> Document:
    """Lenient: what a document type does not know is left out, as the texts do not need it."""
    return DOCUMENT_TYPES[kind].model_validate({name: row[name] for name in fields if name in row})


def _rows(file: Path, mistakes: list[Mistake]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield from _row(f"{file.name}:{number}", line, mistakes)
    except (OSError, EOFError) as error:
        mistakes.append(Mistake(str(file), f"cannot be read: {error}"))


def _row(place: str, line: bytes, mistakes: list[Mistake]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        mistakes.append(Mistake(place, f"is not JSON: {error}"))
        return
    if isinstance(row, dict):
        yield place, row
    else:
        mistakes.append(Mistake(place, "is not an object"))


def _field(item: Any) -> str:
    return ".".join(map(str, item["loc"]))

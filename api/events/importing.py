"""The road of an imported record: line → lifted → checked → one bulk a thousand → counted.

Ids come from the records, so a second import of the same file changes nothing. Files may hold queries, events or both,
of this schema or of an older one, as OpenSearch's own samples have it.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
from opensearchpy import OpenSearch
from pydantic import ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from api.events.intake import mistakes_of
from api.events.writer import BUSY, KNOWN, Entry, bulk_lines
from stack.behaviour import EVENTS, QUERIES, Event, Log, Query, body_of, id_of, index_of
from stack.client import engine_errors
from stack.errors import ConfigError, EngineUnavailableError, InputError, Mistake
from stack.settings import Settings

BATCH = 1_000
RETRY_FOR_S = 60
STDIN = "-"
GZIP = b"\x1f\x8b"
LONGEST = 1 << 20
ACTIONS = {"index", "create"}
# Fields of older schemas, and where 1.3 has them.
FLAT_OBJECT = ("object_id", "object_id_type", "object_id_field", "internal_id")
RENAMED = {"result_product_ids": "query_response_hit_ids", "product_id": "object_id"}


@dataclass
class Imported:
    """What became of the lines. `known` were there already."""

    read: int = 0
    written: dict[Log, int] = field(default_factory=lambda: {QUERIES: 0, EVENTS: 0})
    known: int = 0
    refused: int = 0


@dataclass
class Refused:
    """A file of refused lines, with source, line, reasons and the record; made at the first."""

    path: Path
    count: int = 0

    def write(self, source: str, line: int, mistakes: Sequence[Mistake], raw: bytes) -> None:
        """Append one. Raises ConfigError when the file cannot be written."""
        reasons = [{"field": each.where, "what": each.what} for each in mistakes]
        letter = {"source": source, "line": line, "reasons": reasons, "raw": raw.decode("utf-8", "replace").strip()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(orjson.dumps(letter) + b"\n")
        except OSError as error:
            what = f"cannot write {self.path}: {error.strerror}"
            raise ConfigError(what, "Name another file with --dead-letters") from error
        self.count += 1


def import_files(client: OpenSearch, settings: Settings, files: Sequence[str], refused: Refused) -> Imported:
    """Read and write all files. Raises InputError for a file that cannot be read, EngineError, ConfigError."""
    done = Imported()
    indexes: dict[Log, str] = {log: index_of(settings, log) for log in (QUERIES, EVENTS)}
    rolled = {log: alias for log, alias in indexes.items() if _is_rolled(client, alias)}
    entries = (entry for name in files for entry in _entries(name, done, refused))
    while batch := list(islice(entries, BATCH)):
        _write(client, _new(client, batch, rolled, done), indexes, done, refused)
    with engine_errors():
        client.indices.refresh(index=",".join(indexes.values()))
    return done


def _entries(name: str, done: Imported, refused: Refused) -> Iterator[Entry]:
    for number, line in _lines(name):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            if isinstance(record, dict) and record.keys() <= ACTIONS and record:
                continue  # the action line of a bulk file
            done.read += 1
            yield entry_of(record)
        except orjson.JSONDecodeError as error:
            done.read += 1
            _refuse(done, refused, name, number, [Mistake("line", f"not JSON: {error.msg}")], line)
        except ValidationError as error:
            _refuse(done, refused, name, number, mistakes_of(error), line)


def _refuse(done: Imported, refused: Refused, name: str, line: int, mistakes: list[Mistake], raw: bytes) -> None:
    done.refused += 1
    refused.write(name, line, mistakes, raw[:LONGEST])


def entry_of(record: Any) -> Entry:
    """A record of any of the schemas as it is written. Raises ValidationError."""
    if isinstance(record, dict) and "action_name" not in record:
        query = Query.model_validate(lifted_query(record))
        return Entry(QUERIES, query.query_id, body_of(query))
    event = body_of(Event.model_validate(lifted_event(record) if isinstance(record, dict) else record))
    return Entry(EVENTS, id_of(event), event)


def lifted_query(record: dict[str, Any]) -> dict[str, Any]:
    """An older query as 1.3 has it; what 1.3 has no place for goes into `query_attributes`.

    The engine's own request (`query`) is left out: it is long, and says nothing of the shopper.
    """
    known = {RENAMED.get(name, name): value for name, value in record.items() if value is not None}
    known.pop("query", None)
    attributes = _plain(known.pop("query_attributes", None) or {}, keep=("totals", "stage_ms"))
    attributes |= _plain({name: known.pop(name) for name in list(known) if name not in Query.model_fields})
    if (hits := known.get("query_response_hit_ids")) is not None:
        known["query_response_hit_ids"] = [str(hit) for hit in hits] if isinstance(hits, list) else hits
        attributes.setdefault("has_results", bool(hits))
    return known | ({"query_attributes": attributes} if attributes else {})


def lifted_event(record: dict[str, Any]) -> dict[str, Any]:
    """An older event, whose object and position stand beside the rest, as 1.3 has it. Empty texts are left out."""
    known = {name: value for name, value in record.items() if value not in (None, "")}
    attributes = _plain(known.pop("event_attributes", None) or {}, keep=("object", "position"))
    if isinstance(product := known.pop("product_id", None), str | int):
        known |= {"object_id": product, "object_id_field": "id", "object_id_type": "product"}
    flat = {name: known.pop(name) for name in FLAT_OBJECT if name in known}
    if "object_id" in flat:
        attributes.setdefault("object", flat)
    if isinstance(known.get("position"), int):
        attributes.setdefault("position", {"ordinal": known.pop("position")})
    if isinstance(attributes.get("object"), dict):
        attributes["object"] = _plain(attributes["object"])
    attributes |= _plain({name: known.pop(name) for name in list(known) if name not in Event.model_fields})
    return known | ({"event_attributes": attributes} if attributes else {})


def _plain(given: Any, keep: Iterable[str] = ()) -> Any:
    """The same flat: what is nested deeper than the schema goes, as JSON, into one text."""
    if not isinstance(given, dict):
        return given
    nested = {name for name, value in given.items() if isinstance(value, dict) and name not in keep}
    return {
        name: orjson.dumps(value).decode()[:1_024] if name in nested else value
        for name, value in given.items()
        if value is not None
    }


def _is_rolled(client: OpenSearch, alias: str) -> bool:
    with engine_errors():
        return len(client.indices.get_alias(name=alias)) > 1


def _new(client: OpenSearch, batch: list[Entry], rolled: Mapping[Log, str], done: Imported) -> list[Entry]:
    """Without what older indexes hold: a `create` is refused only by the index that is written to now."""
    known: set[tuple[Log, str]] = set()
    for log, alias in rolled.items():
        ids = [entry.id for entry in batch if entry.log == log]
        body = {"size": len(ids), "_source": False, "query": {"ids": {"values": ids}}}
        with engine_errors():
            hits = client.search(index=alias, body=body)["hits"]["hits"] if ids else []
        known |= {(log, hit["_id"]) for hit in hits}
    done.known += sum((entry.log, entry.id) in known for entry in batch)
    return [entry for entry in batch if (entry.log, entry.id) not in known]


def _write(
    client: OpenSearch, batch: Sequence[Entry], indexes: dict[Log, str], done: Imported, refused: Refused
) -> None:
    busy = retry_if_exception_type(EngineUnavailableError)
    left = list(batch)
    if not left:
        return
    for attempt in Retrying(
        retry=busy, stop=stop_after_delay(RETRY_FOR_S), wait=wait_random_exponential(0.5, 8), reraise=True
    ):
        with attempt:
            left = _send(client, left, indexes, done, refused)
            if left:
                raise EngineUnavailableError("the engine is too busy to take events", "Try again in a moment")


def _send(
    client: OpenSearch, batch: Sequence[Entry], indexes: dict[Log, str], done: Imported, refused: Refused
) -> list[Entry]:
    """One bulk. Returns the entries that the engine was too busy for."""
    params = {"require_alias": "true", "filter_path": "items.*.status,items.*.error.reason"}
    headers = {"content-type": "application/x-ndjson"}
    body = bulk_lines(batch, indexes).decode()
    with engine_errors():
        answer = client.transport.perform_request("POST", "/_bulk", params=params, body=body, headers=headers)
    left: list[Entry] = []
    for entry, item in zip(batch, answer["items"], strict=True):
        status = int(item["create"]["status"])
        if status < 300:
            done.written[entry.log] += 1
        elif status == KNOWN:
            done.known += 1
        elif status in BUSY:
            left.append(entry)
        else:
            reason = str(item["create"].get("error", {}).get("reason", f"HTTP {status}"))
            done.refused += 1
            refused.write("the engine", 0, [Mistake(entry.id, reason)], entry.body)
    return left


def _lines(name: str) -> Iterator[tuple[int, bytes]]:
    try:
        with _opened(name) as stream:
            yield from enumerate(stream, start=1)
    except (OSError, EOFError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise InputError(
            [Mistake(name, what)], "Name JSON Lines files, plain or gzip, or - for standard input"
        ) from error


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """Plain or gzip, told by the first bytes."""
    if name == STDIN:
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if packed:
            with gzip.open(file) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads bytes
        else:
            yield file

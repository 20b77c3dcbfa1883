"""Bulk requests: an older document never replaces a newer one, and one bad document does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from ingest.patience import BUSY, Busy, Patience, fatal, is_block
from ingest.record import Batch, Item, Refusal
from stack.client import translate
from stack.errors import Mistake, NotFoundError

CHUNK_BYTES = 5 << 20  # 5 to 15 MB a request is the documentation's advice; the smaller bounds the node's memory
# Only what is read below: the full answer is longer than many a document.
ANSWERED = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
Line = tuple[Item, bytes]


class Writer:
    """The stage; several threads may run it, each with its own request."""

    def __init__(self, client: OpenSearch, alias: str, patience: Patience, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._client = client
        self._alias = alias
        self._patience = patience
        self._chunk_bytes = chunk_bytes

    def __call__(self, batch: Batch) -> Batch:
        """Write all items; what the engine refuses of them is taken out of the batch with its reason."""
        for chunk in chunks(batch.items, self._chunk_bytes):
            self._write(chunk, batch)
        batch.items = []
        return batch

    def _write(self, lines: list[Line], batch: Batch) -> None:
        try:
            for attempt in self._patience.attempts():
                with attempt:
                    lines = self._send(lines, batch)
                    if lines:
                        raise Busy(f"the engine is too busy to take {len(lines)} documents (429)")
        except TransportError as error:
            raise translate(error) from error

    def _send(self, lines: list[Line], batch: Batch) -> list[Line]:
        """Send once. Returns the lines that the engine was too busy for."""
        # require_alias: were the alias gone, a plain write would make an index of its name, without our mapping.
        parameters = {"filter_path": ANSWERED, "require_alias": "true"}
        answer = self._client.bulk(body=b"".join(line for _, line in lines), index=self._alias, params=parameters)
        if not answer["errors"]:
            batch.counts.written += len(lines)
            return []
        outcomes = (outcome["index"] for outcome in answer["items"])
        return [
            line for line, outcome in zip(lines, outcomes, strict=True) if not self._settled(line[0], outcome, batch)
        ]

    def _settled(self, item: Item, outcome: dict[str, Any], batch: Batch) -> bool:
        status, error = outcome["status"], outcome.get("error", {})
        if status < 300:
            batch.counts.written += 1
        elif status == 409:
            batch.counts.stale += 1  # another writer brought a newer version meanwhile
        elif is_block(error.get("type")):
            raise fatal(f"the engine refuses writes: {error.get('reason')}")
        elif status in BUSY:
            return False
        elif status == 404:
            raise NotFoundError(f"there is no alias {self._alias} any more", "Run souk apply, then this command again")
        else:
            batch.refuse(refused_by_engine(item, error))
        return True


def refused_by_engine(item: Item, error: dict[str, Any]) -> Refusal:
    """The refusal of a document that the engine would not take."""
    detail = ": ".join(filter(None, [error.get("reason"), error.get("caused_by", {}).get("reason")]))
    mistake = Mistake("engine", f"refused it ({error.get('type', 'no reason given')})")
    return Refusal(item.source, item.record.line, (mistake,), item.record.data, detail=detail)


def chunks(items: list[Item], at_most: int) -> Iterator[list[Line]]:
    """The lines of bulk requests, each of at most so many bytes (or of one document)."""
    chunk: list[Line] = []
    size = 0
    for item in items:
        line = bulk_lines(item)
        if chunk and size + len(line) > at_most:
            yield chunk
            chunk, size = [], 0
        chunk.append((item, line))
        size += len(line)
    if chunk:
        yield chunk


def bulk_lines(item: Item) -> bytes:
    """Action and document. `external_gte`: equal versions may be written again, so that a changed mapping can be."""
    action = {"index": {"_id": item.document.id, "version": item.version, "version_type": "external_gte"}}
    return orjson.dumps(action) + b"\n" + orjson.dumps(item.body, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"

"""Bulk requests: an older document never replaces a newer one, and one bad document does not stop the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from ingest.patience import BUSY, Busy, Patience, fatal, is_block, is_held
from ingest.record import Batch, Change, Deletion, Item, Refusal
from stack.client import translate
from stack.documents import DocumentKind
from stack.errors import Mistake, NotFoundError
from stack.signals import DELETED_AT, update_lines

CHUNK_BYTES = 5 << 20  # 5 to 15 MB a request is the documentation's advice; the smaller bounds the node's memory
# Only what is read below: the full answer is longer than many a document.
ANSWERED = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"


class Line(NamedTuple):
    """One operation of a bulk request: whose it is, its lines, and what it counts as once it is done ("": nothing)."""

    about: Item | Deletion | Change
    content: bytes
    counted: str = "written"
    to_signals: bool = False


class Writer:
    """The stage; several threads may run it, each with its own request. `signals` is their alias, where there is one.

    What is deleted, and changes of fast fields, go to signals.
    """

    def __init__(
        self,
        client: OpenSearch,
        alias: str,
        patience: Patience,
        chunk_bytes: int = CHUNK_BYTES,
        kind: DocumentKind = "product",
        signals: str | None = None,
    ) -> None:
        self._client = client
        self._alias = alias
        self._patience = patience
        self._chunk_bytes = chunk_bytes
        self._kind = kind
        self._signals = signals

    def __call__(self, batch: Batch) -> Batch:
        """Write all of the batch; what the engine refuses of it is taken out with its reason."""
        for chunk in chunks(self._lines(batch), self._chunk_bytes):
            self._write(chunk, batch)
        batch.items, batch.deletions, batch.changes = [], [], []
        return batch

    def _lines(self, batch: Batch) -> Iterator[Line]:
        for item in batch.items:
            yield Line(item, bulk_lines(item))
        for deletion in batch.deletions:
            if self._signals:  # before the document goes: from then on nobody brings an older one back
                fields = {DELETED_AT: deletion.version}
                content = update_lines(self._signals, self._kind, deletion.id, fields, deletion.version)
                yield Line(deletion, content, "", to_signals=True)
            yield Line(deletion, delete_lines(deletion), "deleted" if deletion.is_stored else "")
        for change in batch.changes:
            assert self._signals, "changes are made only where there are signals"
            content = update_lines(self._signals, self._kind, change.id, change.fields, change.version)
            yield Line(change, content, to_signals=True)

    def _write(self, lines: list[Line], batch: Batch) -> None:
        try:
            for attempt in self._patience.attempts():
                with attempt:
                    lines = self._send(lines, batch)
                    if lines:
                        raise Busy(f"the engine is too busy to take {len(lines)} documents, or a reindex holds writes")
        except TransportError as error:
            raise translate(error) from error

    def _send(self, lines: list[Line], batch: Batch) -> list[Line]:
        """Send once. Returns the lines that the engine was too busy for."""
        # require_alias: were the alias gone, a plain write would make an index of its name, without our mapping.
        parameters = {"filter_path": ANSWERED, "require_alias": "true"}
        body = b"".join(line.content for line in lines)
        answer = self._client.bulk(body=body, index=self._alias, params=parameters)
        if not answer["errors"]:
            done = Counter(line.counted for line in lines)
            batch.counts.written += done["written"]
            batch.counts.deleted += done["deleted"]
            return []
        outcomes = (next(iter(outcome.values())) for outcome in answer["items"])
        return [line for line, outcome in zip(lines, outcomes, strict=True) if not self._settled(line, outcome, batch)]

    def _settled(self, line: Line, outcome: dict[str, Any], batch: Batch) -> bool:
        status, error = outcome["status"], outcome.get("error") or {}
        found_nothing = status == 404 and not error and isinstance(line.about, Deletion)
        if status < 300 or found_nothing:
            batch.counts.written += line.counted == "written"
            batch.counts.deleted += line.counted == "deleted"
        elif status == 409 and line.to_signals:
            return False  # others write this signal at once: the engine's own tries were not enough
        elif status == 409:
            batch.counts.stale += line.counted != ""  # another writer brought a newer version meanwhile
        elif is_block(error):
            raise fatal(f"the engine refuses writes: {error.get('reason')}")
        elif status in BUSY or is_held(error):
            return False
        elif status == 404:
            alias = self._signals if line.to_signals else self._alias
            raise NotFoundError(f"there is no alias {alias} any more", "Run souk apply, then this command again")
        else:
            batch.refuse(refused_by_engine(line.about, error))
        return True


def refused_by_engine(about: Item | Deletion | Change, error: dict[str, Any]) -> Refusal:
    """The refusal of a document that the engine would not take."""
    detail = ": ".join(filter(None, [error.get("reason"), (error.get("caused_by") or {}).get("reason")]))
    mistake = Mistake("engine", f"refused it ({error.get('type', 'no reason given')})")
    return Refusal(about.source, about.record.line, (mistake,), about.record.data, detail=detail)


class HasContent(Protocol):
    """Lines of a bulk request."""

    @property
    def content(self) -> bytes: ...


L = TypeVar("L", bound=HasContent)


def chunks(lines: Iterable[L], at_most: int = CHUNK_BYTES) -> Iterator[list[L]]:
    """The lines of bulk requests, each of at most so many bytes (or of one document)."""
    chunk: list[L] = []
    size = 0
    for line in lines:
        if chunk and size + len(line.content) > at_most:
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line.content)
    if chunk:
        yield chunk


def bulk_lines(item: Item) -> bytes:
    """Action and document. `external_gte`: equal versions may be written again, so that a changed mapping can be."""
    action = {"index": {"_id": item.document.id, "version": item.version, "version_type": "external_gte"}}
    return orjson.dumps(action) + b"\n" + orjson.dumps(item.body, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"


def delete_lines(deletion: Deletion) -> bytes:
    """The action that deletes, unless the document is newer."""
    action = {"delete": {"_id": deletion.id, "version": deletion.version, "version_type": "external_gte"}}
    return orjson.dumps(action) + b"\n"

"""What becomes of a change: a signal, or the stored document with the change in it; or nothing, and why.

A change of fast fields only (`stack.signals.FAST`) goes to signals: no document is written, no vector computed. Any
other is merged into the stored document, with those fields of its signal that are newer than the document; it is
checked again as a whole, and embedded anew only if its text changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from pydantic import ValidationError

from ingest.compare import InFlight, Verdict, count, judge
from ingest.patience import Patience
from ingest.record import Batch, Change, Item, Refusal
from ingest.update.vectors import vector_fields, vectors_body
from ingest.validate import mistake_of
from stack.documents import DOCUMENT_TYPES, KINDS, AnyDocument, DocumentKind, index_body
from stack.embedding.stored import VECTOR_FIELD
from stack.embedding.text import document_text
from stack.errors import Mistake
from stack.signals import FAST, millis, newer_fields, overlaid, signal_id

Stored = dict[str, Any]  # an answer of mget: _version, _source


@dataclass(frozen=True, slots=True)
class Absent(Refusal):
    """There is no document to change."""


class Merger:
    """The stage, in the place of `compare`. `vector_hash`: the model wanted, None when vectors stay as they are."""

    def __init__(
        self,
        client: OpenSearch,
        alias: str,
        signals: str | None,
        kind: DocumentKind,
        patience: Patience,
        in_flight: InFlight,
        run: str | None = None,
        vector_hash: str | None = None,
    ) -> None:
        self._client = client
        self._alias = alias
        self._signals = signals
        self._kind = kind
        self._fast = frozenset(FAST.get(kind, ()))
        self._patience = patience
        self._in_flight = in_flight
        self._run = run
        self._vector_hash = vector_hash
        # Documents of the last batch that have a vector in the index, and lose it unless one is made.
        self.bare: frozenset[str] = frozenset()

    def __call__(self, batch: Batch) -> Batch | None:
        """Turn changes into documents and signals to be written; count or refuse the others."""
        batch.ids = frozenset(change.id for change in batch.changes)
        if not self._in_flight.claim(batch.ids):
            return None
        documents, signals = self._stored(batch)
        merged: dict[str, Item] = {}
        same_text: set[str] = set()
        kept: list[Change] = []
        for change in batch.changes:
            known = documents.get(change.id)
            if known is None:
                what = f"no such {self._kind} in the index: a partial record changes what is there"
                batch.refuse(Absent(change.source, change.record.line, (Mistake("id", what),), change.record.data))
            elif self.is_fast(change):
                verdict = judge_fast(self._kind, change, known, signals.get(change.id))
                if verdict == "write":
                    kept.append(change)
                    signals[change.id] = with_change(signals.get(change.id), change)
                else:
                    count(batch, verdict)
            else:
                self._merge(batch, change, documents, signals.get(change.id), merged, same_text)
        batch.changes, batch.items = kept, list(merged.values())
        self._keep_vectors([merged[id_] for id_ in same_text if id_ in merged], documents)
        had = (id_ for id_, item in merged.items() if VECTOR_FIELD not in item.body)
        self.bare = frozenset(id_ for id_ in had if documents[id_]["_source"].get("vector_hash"))
        return batch

    def is_fast(self, change: Change) -> bool:
        """Does it touch signals only? (A change of nothing at all writes the signal back into its document.)"""
        return bool(change.fields) and self._fast.issuperset(change.fields)

    def _merge(
        self,
        batch: Batch,
        change: Change,
        documents: dict[str, Stored],
        signal: dict[str, Any] | None,
        merged: dict[str, Item],
        same_text: set[str],
    ) -> None:
        known = documents[change.id]
        try:
            old, new = apply_change(self._kind, known["_source"], signal, change)
        except ValidationError as error:
            found = [mistake_of(one) for one in error.errors(include_input=False, include_url=False)]
            batch.refuse(_refusal(change, tuple(found)))
            return
        item = Item(
            new, index_body(new), change.version, change.stand_in, change.record, change.source, change.position
        )
        if self._run:
            item.body["ingested_from"] = f"{self._run}:{item.position[0]}:{item.position[1]}"
        verdict = judge(item, known, self._run, None)
        if verdict != "write":
            count(batch, verdict)
            return
        first = merged.get(change.id)
        batch.counts.superseded += first is not None
        merged[change.id] = item
        stays = old is not None and self._kind in KINDS and document_text(old) == document_text(new)
        if stays and (first is None or change.id in same_text) and self._has_vector(known["_source"]):
            same_text.add(change.id)
        else:
            same_text.discard(change.id)
        hashes = {name: known["_source"].get(name) for name in ("vector_hash",)}
        stored_version = known.get("stored_version", known["_version"])
        documents[change.id] = {
            "_version": item.version,
            "_source": item.body | hashes,
            "stored_version": stored_version,
        }

    def _has_vector(self, source: dict[str, Any]) -> bool:
        stored = source.get("vector_hash")
        return stored is not None and self._vector_hash in (None, stored)

    def _keep_vectors(self, items: list[Item], documents: dict[str, Stored]) -> None:
        """Put the index's own vectors into documents whose text stays, where a search sees the very version read."""
        left = self._take_vectors(items, documents) if items else []
        if left and self._vector_hash is None:
            # No model will make them anew: what was written a moment ago has to be seen.
            self._patience.ask(lambda: self._client.indices.refresh(index=self._alias))
            self._take_vectors(left, documents)

    def _take_vectors(self, items: list[Item], documents: dict[str, Stored]) -> list[Item]:
        """The items that have none afterwards."""
        body = vectors_body(item.document.id for item in items)
        answer = self._patience.ask(lambda: self._client.search(index=self._alias, body=body))
        hits = {hit["_id"]: hit for hit in answer["hits"]["hits"]}
        left: list[Item] = []
        for item in items:
            known, hit = documents[item.document.id], hits.get(item.document.id)
            found = vector_fields(hit) if hit is not None and hit["_version"] == known["stored_version"] else {}
            if found:
                item.body |= found | {"vector_hash": known["_source"]["vector_hash"]}
            else:
                left.append(item)
        return left

    def _stored(self, batch: Batch) -> tuple[dict[str, Stored], dict[str, dict[str, Any]]]:
        """Documents and signals of the batch's ids, by id."""
        whole = {change.id for change in batch.changes if not self.is_fast(change)}
        part = [*self._fast, "updated_at"]
        wanted = [{"_index": self._alias, "_id": id_, "_source": True if id_ in whole else part} for id_ in batch.ids]
        if self._fast and self._signals:
            wanted += [{"_index": self._signals, "_id": signal_id(self._kind, id_)} for id_ in batch.ids]
        found = self._patience.documents(self._client, wanted)
        documents = {one["_id"]: one for one in found[: len(batch.ids)] if one.get("found")}
        signals = [one["_source"] for one in found[len(batch.ids) :] if one.get("found")]
        return documents, {signal["id"]: signal for signal in signals}


def judge_fast(kind: DocumentKind, change: Change, known: Stored, signal: dict[str, Any] | None) -> Verdict:
    """What to do with a change of fast fields. Older than the document, or in all its fields than the signal: stale."""
    version, times = int(known["_version"]), (signal or {}).get("times") or {}
    if change.version < version:
        return "stale"
    news = [name for name in change.fields if times.get(name, 0) <= change.version]
    if not news:
        return "stale"
    now = overlaid(kind, known["_source"], signal)
    same = all(now.get(name) == change.fields[name] for name in news)
    told = change.stand_in or all(times.get(name, version) >= change.version for name in news)
    return "unchanged" if same and told else "write"


def with_change(signal: dict[str, Any] | None, change: Change) -> dict[str, Any]:
    """The signal as the engine will make it: a later change of the same batch is judged by it."""
    signal = signal or {}
    times = signal.get("times") or {}
    news = {name: value for name, value in change.fields.items() if times.get(name, 0) <= change.version}
    return signal | news | {"times": times | dict.fromkeys(news, change.version)}


def apply_change(
    kind: DocumentKind, source: dict[str, Any], signal: dict[str, Any] | None, change: Change
) -> tuple[AnyDocument | None, AnyDocument]:
    """The stored document before (None where it would not be valid today) and after a change.

    Raises ValidationError where the outcome is no document. Attributes are merged one by one.
    """
    type_ = DOCUMENT_TYPES[kind]
    base = {name: source[name] for name in type_.model_fields if name in source}
    try:
        old = type_.model_validate(base)
    except ValidationError:
        old = None
    newer = newer_fields(kind, signal or {}, millis(source["updated_at"]), change.version)
    fields = dict(change.fields)
    if fields.get("attributes"):
        fields["attributes"] = base.get("attributes", {}) | fields["attributes"]
    after = base | newer | fields | {"updated_at": change.at}
    return old, type_.model_validate({name: value for name, value in after.items() if value is not None})


def _refusal(change: Change, mistakes: Iterable[Mistake]) -> Refusal:
    return Refusal(change.source, change.record.line, tuple(mistakes), change.record.data)

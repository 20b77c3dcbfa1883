"""A stored document on its way to another index: its source as it is, its vectors taken over or made anew.

Vectors and sketches are not in the source (docs/engine.md). Of the same model they are read from their columns; of
another, or of an older form, they are made from the document by the code that ingestion uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from ingest.enrich import FORM, Enricher
from ingest.record import Batch, Item, Record
from ingest.reindex.shards import Hit
from ingest.reindex.subject import Subject
from stack.embedding.card import ModelCard
from stack.embedding.stored import SKETCHES, VECTOR_FIELD, WITH_VECTOR, stored_document
from stack.errors import SoukError
from stack.signals import SIGNAL

Fields = dict[str, Any]


class Line(NamedTuple):
    """A hit with its action and document, as a bulk request takes them."""

    hit: Hit
    content: bytes


class Carrier:
    """Hits of the old index → lines for the new one. `enricher` is made at the first document that needs it.

    `source` and `target` are the mapped fields of the two indexes, `same` says whether both hold vectors of `card`.
    """

    def __init__(
        self,
        kind: Subject,
        source: Fields,
        target: Fields,
        card: ModelCard,
        same: bool,
        enricher: Callable[[], Enricher],
    ) -> None:
        self.vectors = VECTOR_FIELD in target
        self.embeds = self.vectors and not (same and VECTOR_FIELD in source)
        self._kind = kind
        self._taken = () if self.embeds else tuple(name for name in SKETCHES if name in source and name in target)
        self._form = f"{card.hash}-{FORM}"
        self._enricher = enricher

    @property
    def body(self) -> dict[str, Any]:
        """What a search must give with each hit."""
        columns: dict[str, Any] = {"_source": True}
        if self.vectors and not self.embeds:
            columns |= WITH_VECTOR
            columns["docvalue_fields"] = list(self._taken)
        return columns

    def __call__(self, hits: list[Hit]) -> list[Line]:
        """Each hit with its action and document. Raises SoukError for one that cannot be embedded."""
        bodies = [hit["_source"] for hit in hits]
        anew = [place for place, hit in enumerate(hits) if self._needs_vectors(hit)]
        if anew:
            self._embed([hits[place] for place in anew])
        if self.vectors and not self.embeds:
            for place in set(range(len(hits))) - set(anew):
                self._take(hits[place])
        return [Line(hit, line(hit, body)) for hit, body in zip(hits, bodies, strict=True)]

    def _needs_vectors(self, hit: Hit) -> bool:
        """Of another model all; else those whose vectors have an older form. Without vectors it stays without."""
        known = hit["_source"].get("vector_hash")
        return self.vectors and (self.embeds or (known is not None and known != self._form))

    def _embed(self, hits: list[Hit]) -> None:
        batch = Batch(0, [_item(self._kind, hit, place) for place, hit in enumerate(hits)])
        if self._enricher()(batch) is None:
            raise SoukError("stopped", "Run the same command again: it goes on where it stopped")

    def _take(self, hit: Hit) -> None:
        columns = hit.get("fields", {})
        for name in (VECTOR_FIELD, *self._taken):
            if (value := columns.get(name, [None])[0]) is not None:
                hit["_source"][name] = value


def _item(kind: Subject, hit: Hit, place: int) -> Item:
    """The item of ingestion whose body is the hit's source, so that the vectors end up there."""
    assert kind != SIGNAL, "signals have no vectors"
    try:
        document = stored_document(kind, hit["_source"])
    except ValueError as error:
        reason = f"{hit['_index']}: the document {hit['_id']!r} is no {kind} any more: {error}"
        raise SoukError(reason, "Ingest it anew or delete it, then run this again") from error
    record = Record(place, place, hit["_source"])
    return Item(document, hit["_source"], hit["_version"], False, record, hit["_index"], (0, place))


def line(hit: Hit, body: dict[str, Any]) -> bytes:
    """Action and document of a bulk request. With its version: an older write is refused there as it was here."""
    action = {"index": {"_id": hit["_id"], "version": hit["_version"], "version_type": "external_gte"}}
    return orjson.dumps(action) + b"\n" + orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"

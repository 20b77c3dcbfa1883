"""Vectors of documents whose text stays: taken from the index, so that a change of a field computes none.

The stored source has no vector (docs/engine.md), so it comes by a script field, and the sketches from their columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ingest.enrich import Enricher
from ingest.record import Batch
from stack.embedding.stored import SKETCHES, VECTOR_FIELD, WITH_VECTOR, vector_of


def vectors_body(ids: Iterable[str]) -> dict[str, Any]:
    """The search that gives the vectors, sketches and versions of some documents."""
    wanted = list(ids)
    return {
        "size": len(wanted),
        "query": {"ids": {"values": wanted}},
        "version": True,
        "_source": False,
        "track_total_hits": False,
        "docvalue_fields": list(SKETCHES),
    } | WITH_VECTOR


def vector_fields(hit: dict[str, Any]) -> dict[str, Any]:
    """The vector and its sketches, from a hit of that search; empty where the document has none."""
    vector, fields = vector_of(hit), hit.get("fields", {})
    if vector is None:
        return {}
    return {name: fields[name][0] for name in SKETCHES if name in fields} | {VECTOR_FIELD: vector}


class LazyEnricher:
    """The stage: gives vectors to the documents without one. The model is loaded for the first of them, if ever."""

    def __init__(self, make: Callable[[], Enricher], vector_hash: str) -> None:
        self._make = make
        self.vector_hash = vector_hash
        self._enricher: Enricher | None = None

    def __call__(self, batch: Batch) -> Batch | None:
        """Give every item its vectors; None when the run halts meanwhile."""
        bare = [item for item in batch.items if VECTOR_FIELD not in item.body]
        if not bare:
            return batch
        self._enricher = self._enricher or self._make()
        done = self._enricher(Batch(batch.number, bare, counts=batch.counts))
        return None if done is None else batch

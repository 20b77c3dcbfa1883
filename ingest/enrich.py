"""The text vector of each document: from the disk cache where its text was seen before, else from the model."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from ingest.record import Batch, Item
from stack.embedding.text import document_text

if TYPE_CHECKING:
    from stack.embedding import Encoder
    from stack.embedding.vectors import VectorCache

VECTOR_FIELD = "text_vector"
# Texts between two looks at `halt`: about a second of work, and all of it goes to the cache before the next.
AT_ONCE = 64


class Enricher:
    """The stage. One thread: the model has its own."""

    def __init__(self, encoder: Encoder, cache: VectorCache, halt: Event) -> None:
        self._encoder = encoder
        self._cache = cache
        self._halt = halt

    @property
    def vector_hash(self) -> str:
        """The model that the vectors are from, as it is stored beside them."""
        return self._encoder.card.hash

    def __call__(self, batch: Batch) -> Batch | None:
        """Give every item its vector; None when the run halts meanwhile."""
        by_text: dict[str, list[Item]] = {}
        for item in batch.items:
            by_text.setdefault(document_text(item.document), []).append(item)
        texts = list(by_text)
        known = self._cache.get_many(texts)
        for place, vector in known.items():
            for item in by_text[texts[place]]:
                self._give(item, vector)
        missing = [text for place, text in enumerate(texts) if place not in known]
        for start in range(0, len(missing), AT_ONCE):
            if self._halt.is_set():
                return None
            self._compute(missing[start : start + AT_ONCE], by_text)
        batch.counts.vectors_computed += len(missing)
        batch.counts.vectors_cached += len(batch.items) - len(missing)
        return batch

    def _compute(self, texts: list[str], by_text: dict[str, list[Item]]) -> None:
        vectors = self._encoder.encode_documents(texts)
        self._cache.put_many(texts, vectors)
        for text, vector in zip(texts, vectors, strict=True):
            for item in by_text[text]:
                self._give(item, vector)

    def _give(self, item: Item, vector: object) -> None:
        item.body[VECTOR_FIELD] = vector
        item.body["vector_hash"] = self.vector_hash

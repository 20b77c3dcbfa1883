"""The vectors of each document: from the disk cache where a text was seen before, else from the model.

The vector of the whole document is searched. It and the vector of the title alone are also kept as sketches, for the
final-stage ranking (`stack/embedding/sketch.py`).
"""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from ingest.record import Batch
from stack.embedding.sketch import sketch
from stack.embedding.stored import VECTOR_FIELD
from stack.embedding.text import document_text

if TYPE_CHECKING:
    from stack.embedding import Encoder, ModelCard
    from stack.embedding.session import Vectors
    from stack.embedding.vectors import VectorCache

# What is made of the vectors. Raise it when that changes: documents of an older form are then written again.
FORM = "s1"
# Texts between two looks at `halt`: about a second of work, and all of it goes to the cache before the next.
AT_ONCE = 64


def vector_hash(card: ModelCard) -> str:
    """The model that vectors are from, and their form."""
    return f"{card.hash}-{FORM}"


class Enricher:
    """The stage. One thread: the model has its own."""

    def __init__(self, encoder: Encoder, cache: VectorCache, halt: Event) -> None:
        self._encoder = encoder
        self._cache = cache
        self._halt = halt

    @property
    def vector_hash(self) -> str:
        """As it is stored beside the vectors."""
        return vector_hash(self._encoder.card)

    def __call__(self, batch: Batch) -> Batch | None:
        """Give every item its vectors; None when the run halts meanwhile."""
        texts = [document_text(item.document) for item in batch.items]
        titles = [item.document.title for item in batch.items]
        vectors = self._vectors(list(dict.fromkeys([*texts, *titles])), batch, set(texts))
        if vectors is None:
            return None
        for item, text, title in zip(batch.items, texts, titles, strict=True):
            item.body[VECTOR_FIELD] = vectors[text]
            item.body["text_sketch"] = sketch(vectors[text])
            item.body["title_sketch"] = sketch(vectors[title])
            item.body["vector_hash"] = self.vector_hash
        return batch

    def _vectors(self, texts: list[str], batch: Batch, counted: set[str]) -> dict[str, Vectors] | None:
        """The vector of each text; None when the run halts. Only whole documents are `counted`, not their titles."""
        known = self._cache.get_many(texts)
        vectors = {texts[place]: vector for place, vector in known.items()}
        missing = [text for place, text in enumerate(texts) if place not in known]
        for start in range(0, len(missing), AT_ONCE):
            if self._halt.is_set():
                return None
            chunk = missing[start : start + AT_ONCE]
            computed = self._encoder.encode_documents(chunk)
            self._cache.put_many(chunk, computed)
            vectors.update(zip(chunk, computed, strict=True))
        computed_documents = len(counted.intersection(missing))
        batch.counts.vectors_computed += computed_documents
        batch.counts.vectors_cached += len(batch.items) - computed_documents
        return vectors

"""The encoder that the API and ingestion share: documents in batches, queries one by one with an LRU cache."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache

from stack.embedding.card import ModelCard, model_hash
from stack.embedding.export import FP32_FILE, INT8_FILE, ensure_exported
from stack.embedding.session import OnnxSession, Vectors, read_pooling, unit
from stack.embedding.source import find_source, pooling_config
from stack.embedding.text import PASSAGE_BREAK
from stack.settings import Settings


class Encoder:
    """Texts → unit vectors. `prompts` are the prefixes that some models want before a query or a document."""

    def __init__(
        self, session: OnnxSession, card: ModelCard, query_cache: int, prompts: dict[str, str] | None = None
    ) -> None:
        self.card = card
        self._session = session
        self._prompts = prompts or {}
        self._queries: LRUCache[str, Vectors] = LRUCache(maxsize=query_cache)
        self._lock = Lock()

    def encode_documents(self, texts: list[str]) -> Vectors:
        """Encode `n` document texts (`text.document_text`) → float32 `(n, d)`, each row of length 1.

        A text of several passages gets the mean of their vectors.
        """
        if not texts:
            return np.empty((0, self.card.dimension), np.float32)
        prompt = self._prompts.get("document", "")
        passages = [text.split(PASSAGE_BREAK) for text in texts]
        vectors = self._session.encode([prompt + passage for each in passages for passage in each])
        starts = np.cumsum([0, *map(len, passages[:-1])])
        return unit(np.add.reduceat(vectors, starts, axis=0))

    def cached_query(self, text: str) -> Vectors | None:
        """The vector of a query that was encoded lately, else None. Never computes."""
        with self._lock:
            return self._queries.get(text)

    def encode_query(self, text: str) -> Vectors:
        """Encode one query → float32 `(d,)` of length 1, from the cache when it is there."""
        if (known := self.cached_query(text)) is not None:
            return known
        vector: Vectors = self._session.encode([self._prompts.get("query", "") + text])[0]
        if self._queries.maxsize:  # 0 switches the cache off; an LRUCache of 0 takes nothing
            with self._lock:
                self._queries[text] = vector
        return vector


def read_card(settings: Settings) -> ModelCard:
    """The card of the model that the settings name, without loading it. Raises ConfigError when it cannot be had."""
    name, source, hash_ = find_source(settings.model)
    return _card(settings, name, source, hash_)


def load_encoder(settings: Settings) -> Encoder:
    """Load the model that the settings name; the first time it is exported (some 15 s).

    Raises ConfigError when it cannot be had.
    """
    name, source, hash_ = find_source(settings.model)
    folder = ensure_exported(source, settings.cache_dir / "models" / f"{name}-{hash_[:12]}")
    model_file = folder / (INT8_FILE if settings.model_precision == "int8" else FP32_FILE)
    session = OnnxSession(
        model_file, folder / "tokenizer.json", read_pooling(folder), settings.model_max_tokens, settings.embed_threads
    )
    card = _card(settings, name, folder, hash_)
    return Encoder(session, card, settings.query_cache, _prompts(folder))


def _card(settings: Settings, name: str, folder: Path, hash_: str) -> ModelCard:
    return ModelCard(name, _dimension(folder), model_hash(hash_, settings.model_precision, settings.model_max_tokens))


def _dimension(folder: Path) -> int:
    pooling = pooling_config(folder)
    return int(pooling.get("embedding_dimension") or pooling["word_embedding_dimension"])


def _prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    prompts = json.loads(file.read_text()).get("prompts") or {} if file.is_file() else {}
    return {str(key): str(value) for key, value in prompts.items()}

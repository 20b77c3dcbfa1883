"""The embedding model of a reindex, loaded at the first document that needs it: most runs take vectors over."""

from __future__ import annotations

from threading import Event

from ingest.enrich import Enricher
from stack.embedding import load_encoder
from stack.embedding.encoder import read_card
from stack.embedding.vectors import VectorCache
from stack.settings import Settings


class Model:
    """The model of the settings. Raises ConfigError when it cannot be had."""

    def __init__(self, settings: Settings, halt: Event) -> None:
        self.card = read_card(settings)
        self._settings = settings
        self._halt = halt
        self._enricher: Enricher | None = None
        self._cache: VectorCache | None = None

    def enricher(self) -> Enricher:
        """What ingestion makes vectors with, and its cache on disk."""
        if self._enricher is None:
            self._cache = VectorCache(self._settings.cache_dir / "vectors", self.card)
            self._enricher = Enricher(load_encoder(self._settings), self._cache, self._halt)
        return self._enricher

    def close(self) -> None:
        """Close the cache."""
        if self._cache:
            self._cache.close()

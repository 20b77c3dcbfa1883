"""The command line of `souk ingest`, parsed, and the collaborators that it asks for."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from opensearchpy import OpenSearch

from ingest.clearance import Clearance
from ingest.enrich import Enricher, vector_hash
from ingest.missing import Seen
from ingest.reading import Reading
from ingest.update.vectors import LazyEnricher
from stack.client import engine_errors
from stack.documents import KINDS, DocumentKind
from stack.embedding import load_encoder
from stack.embedding.encoder import read_card
from stack.embedding.vectors import VectorCache
from stack.errors import NotFoundError
from stack.indexes import check_writable
from stack.settings import Settings
from stack.signals import FAST, SIGNAL


@dataclass(frozen=True)
class Options:
    """The command line, parsed. `max_delete` is in percent of the index."""

    kind: DocumentKind
    sources: tuple[str, ...]
    format: str = "auto"
    maps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    limit: int | None = None
    resume: bool = False
    workers: int = 2
    embed: bool = True
    dead_letters: Path | None = None
    log: str = "auto"
    batch: int = 500
    retry_for_s: float = 120.0
    update: bool = False
    delete_missing: bool = False
    max_delete: float = 5.0


def clearance_of(
    options: Options, reading: Reading, client: OpenSearch, settings: Settings, seen: Seen, dry_run: bool = False
) -> Clearance:
    time = min(source.modified for source in reading.sources)
    alias = settings.alias(options.kind)
    return Clearance(client, alias, options.kind, reading.columns, seen, time, options.max_delete, dry_run)


def signals_of(client: OpenSearch, settings: Settings, options: Options) -> str | None:
    """The alias of the signals, None where there is no such index. Raises NotFoundError when they are needed."""
    alias = settings.alias(SIGNAL)
    with engine_errors():
        if client.indices.exists_alias(name=alias):
            return alias
    if options.update and options.kind in FAST:
        raise NotFoundError(f"there is no index {alias}, where prices and heartbeats go", "Create it: souk apply")
    return None


def enricher_of(
    options: Options, settings: Settings, client: OpenSearch, halt: Event, stack: ExitStack
) -> Enricher | LazyEnricher | None:
    """What gives vectors: to whole records at once, to partial ones only when a text changed.

    Sellers and creators have none: they are found by their names. Raises ModelMismatchError before anything is read.
    """
    if not options.embed or options.kind not in KINDS:
        return None

    def make() -> Enricher:
        encoder = load_encoder(settings)
        check_writable(client, settings, options.kind, encoder.card)
        cache = VectorCache(settings.cache_dir / "vectors", encoder.card)
        stack.callback(cache.close)
        return Enricher(encoder, cache, halt)

    if not options.update:
        return make()
    card = read_card(settings)
    check_writable(client, settings, options.kind, card)
    return LazyEnricher(make, vector_hash(card))

"""From options and settings to a run: makes the collaborators, hands them to `pipeline.py`, reports the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import orjson
from opensearchpy import OpenSearch

from ingest.checkpoint import Checkpoints, Mark
from ingest.columns import parse_columns
from ingest.dead_letters import DeadLetters
from ingest.enrich import Enricher
from ingest.ledger import Ledger
from ingest.pipeline import Ending, Target, rehearse
from ingest.pipeline import ingest as run_pipeline
from ingest.progress import Reporter, choose, watching
from ingest.reading import Reading
from ingest.record import Batch
from ingest.sources import find_sources, run_identity
from ingest.summary import Snapshot, Summary
from ingest.validate import UNKNOWN_KEPT
from stack.client import connect, engine_errors
from stack.documents import Kind
from stack.embedding import Encoder, load_encoder
from stack.embedding.vectors import VectorCache
from stack.errors import InputError, Mistake
from stack.indexes import IndexInfo, check_writable
from stack.settings import Settings

ORIGIN_FIELD = "ingested_from"


@dataclass(frozen=True)
class Options:
    """The command line, parsed."""

    kind: Kind
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


def dry_run_command(options: Options) -> int:
    """Read and validate only; the first document goes to standard output. Returns the exit code."""
    reading = _reading(options)
    ledger = Ledger(None, None, DeadLetters(options.dead_letters))
    valid = 0

    def show(batch: Batch) -> None:
        nonlocal valid
        if not valid and batch.items:
            sys.stdout.write(orjson.dumps(batch.items[0].body, option=orjson.OPT_INDENT_2).decode() + "\n")
            sys.stdout.flush()
        valid += len(batch.items)

    return _reported(options, reading, ledger, lambda: rehearse(reading, ledger, show), valid=lambda: valid)


def ingest_command(options: Options, settings: Settings) -> int:
    """Run. Returns the exit code; what keeps the run from starting or ending is raised as a SoukError."""
    reading = _reading(options)
    client = connect(settings)
    info = check_writable(client, settings, options.kind, None)
    encoder = load_encoder(settings) if options.embed else None
    if encoder is not None:
        check_writable(client, settings, options.kind, encoder.card)
    uuid, keeps_origin = _describe(client, info)
    run = run_identity(reading.sources, *_options_that_matter(options, encoder, uuid))
    checkpoints = Checkpoints(settings.state_dir / "checkpoints.sqlite")
    cache = VectorCache(settings.cache_dir / "vectors", encoder.card) if encoder else None
    halt = Event()
    try:
        mark, note = _mark(options, checkpoints, run)
        ledger = Ledger(run, checkpoints, _dead_letters(options, settings, mark), mark)
        enricher = Enricher(encoder, cache, halt) if encoder and cache else None
        origin = run if keeps_origin else None
        target = Target(client, settings.alias(options.kind), origin, options.workers, options.retry_for_s)
        return _reported(options, reading, ledger, lambda: run_pipeline(reading, target, enricher, ledger, halt), note)
    finally:
        checkpoints.close()
        if cache:
            cache.close()
        client.close()


def _reading(options: Options) -> Reading:
    now = datetime.now(UTC)
    columns = parse_columns(options.kind, list(options.maps), list(options.sets))
    sources = find_sources(list(options.sources), now)
    reading = Reading(options.kind, sources, options.format, columns, options.batch, options.limit, now=now)
    reading.check()
    return reading


def _describe(client: OpenSearch, info: IndexInfo) -> tuple[str, bool]:
    """The index's uuid (an index that was made anew is another target) and whether it keeps a document's origin."""
    with engine_errors():
        index = client.indices.get(index=info.name)[info.name]
    return index["settings"]["index"]["uuid"], ORIGIN_FIELD in index["mappings"].get("properties", {})


def _options_that_matter(options: Options, encoder: Encoder | None, uuid: str) -> list[str]:
    """Two runs are one and the same only when these are equal."""
    model = encoder.card.hash if encoder else "none"
    return [options.kind, options.format, uuid, model, *sorted(options.maps), "|", *sorted(options.sets)]


def _mark(options: Options, checkpoints: Checkpoints, run: str | None) -> tuple[Mark | None, str]:
    """Where to start, and what to say about it."""
    if run is None:
        if options.resume:
            remedy = "Run it without --resume: what is in the index already is not sent again"
            raise InputError([Mistake("--resume", "standard input and pipes cannot be read again")], remedy)
        return None, ""
    known = checkpoints.load(run)
    if options.resume:
        note = (
            f"going on after record {known.counts.read:,}" if known else "nothing to resume: starting at the beginning"
        )
        return known, note
    return None, "an earlier run did not finish; starting anew (--resume would go on)" if known else ""


def _dead_letters(options: Options, settings: Settings, mark: Mark | None) -> DeadLetters:
    recorded = mark.dead_letters if mark else None
    if options.dead_letters is None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = recorded or settings.state_dir / "dead-letters" / f"{stamp}-{options.kind}s.jsonl"
    else:
        path = options.dead_letters
    return DeadLetters(path, mark.dead_bytes if mark and path == recorded else None)


def _reported(
    options: Options,
    reading: Reading,
    ledger: Ledger,
    run: Callable[[], Ending],
    note: str = "",
    valid: Callable[[], int] | None = None,
) -> int:
    reporter: Reporter = choose(options.log, options.kind)
    started = time.monotonic()

    def snapshot() -> Snapshot:
        counts, seconds = ledger.counts(), time.monotonic() - started
        # Reading runs ahead of writing: of the bytes read, count the share whose records are dealt with.
        done = reading.bytes_read * counts.read / max(1, reading.records, counts.read)
        return Snapshot(counts, seconds, ledger.resumed, done, reading.bytes_total)

    summary: Summary | None = None
    try:
        if note:
            reporter.say(note)
        with watching(reporter, snapshot):
            ending = run()
        if unknown := list(reading.validator.unknown):
            reporter.say(_unknown_columns(options.kind, unknown))
        letters = ledger.dead_letters.path if ledger.dead_letters.size else None
        summary = Summary(options.kind, ending, snapshot(), letters, valid() if valid else None)
        if ending == "interrupted" and reading.sources and not valid:
            reporter.say("interrupted: what was being written is written; go on with --resume")
    finally:
        ledger.dead_letters.close()
        reporter.close(summary)
    return summary.exit_code


def _unknown_columns(kind: Kind, names: list[str]) -> str:
    at_least = "at least " if len(names) >= UNKNOWN_KEPT else ""
    shown = ", ".join(names[:20]) + (f" and {at_least}{len(names) - 20} more" if len(names) > 20 else "")
    return f"columns that are no field of a {kind} were left out: {shown} (use --map field=column)"

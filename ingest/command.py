"""From options and settings to a run: makes the collaborators, hands them to `pipeline.py`, reports the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import orjson
from opensearchpy import OpenSearch

from ingest.checkpoint import Checkpoints, Mark
from ingest.clearance import Clearance
from ingest.columns import parse_columns
from ingest.dead_letters import DeadLetters
from ingest.enrich import Enricher
from ingest.ledger import Ledger
from ingest.missing import Seen
from ingest.options import Options, clearance_of, enricher_of, signals_of
from ingest.pipeline import Ending, Target, rehearse
from ingest.pipeline import ingest as run_pipeline
from ingest.progress import Reporter, choose, watching
from ingest.reading import Reading
from ingest.record import Batch
from ingest.runs import note_run
from ingest.sources import Source, find_sources, run_identity
from ingest.summary import INTERRUPTED, Snapshot, Summary
from ingest.update.vectors import LazyEnricher
from ingest.validate import UNKNOWN_KEPT
from stack.client import connect, engine_errors
from stack.documents import DocumentKind
from stack.errors import InputError, Mistake
from stack.indexes import IndexInfo, check_writable
from stack.settings import Settings

ORIGIN_FIELD = "ingested_from"


def dry_run_command(options: Options, settings: Callable[[], Settings]) -> int:
    """Read and validate only; the first document goes to standard output. Returns the exit code.

    The engine, and so the settings, are needed only to count what --delete-missing would delete.
    """
    reading = _reading(options)
    ledger = Ledger(None, None, DeadLetters(options.dead_letters))
    valid = 0

    def show(batch: Batch) -> None:
        nonlocal valid
        if not valid and (first := _shown(batch)) is not None:
            sys.stdout.write(orjson.dumps(first, option=orjson.OPT_INDENT_2).decode() + "\n")
            sys.stdout.flush()
        valid += len(batch.items) + len(batch.deletions) + len(batch.changes)

    with ExitStack() as stack:
        clearance = None
        if options.delete_missing:
            read = settings()
            client = stack.enter_context(connect(read))
            check_writable(client, read, options.kind, None)
            seen = Seen(Path(stack.enter_context(TemporaryDirectory(prefix="souk-"))) / "seen.sqlite", anew=True)
            stack.callback(seen.close, finished=True)
            clearance = clearance_of(options, reading, client, read, seen, dry_run=True)
        on_read = clearance.on_read if clearance else None
        run = partial(rehearse, reading, ledger, show, on_read)
        return _reported(options, reading, ledger, run, valid=lambda: valid, clearance=clearance)


def ingest_command(options: Options, settings: Settings) -> int:
    """Run. Returns the exit code; what keeps the run from starting or ending is raised as a SoukError."""
    started_at = datetime.now(UTC)
    reading = _reading(options)
    with ExitStack() as stack:
        client = stack.enter_context(connect(settings))
        info = check_writable(client, settings, options.kind, None)
        signals = signals_of(client, settings, options)
        halt = Event()
        enricher = enricher_of(options, settings, client, halt, stack)
        uuid, keeps_origin = _describe(client, info)
        run = run_identity(reading.sources, *_options_that_matter(options, enricher, uuid))
        checkpoints = Checkpoints(settings.state_dir / "checkpoints.sqlite")
        stack.callback(checkpoints.close)
        mark, note = _mark(options, checkpoints, run)
        ledger = Ledger(run, checkpoints, _dead_letters(options, settings, mark), mark)
        clearance, finished = None, False
        if options.delete_missing:
            seen = Seen(settings.state_dir / "seen" / f"{run}.sqlite", anew=mark is None)
            stack.callback(lambda: seen.close(finished or bool(clearance and clearance.refusal)))
            clearance = clearance_of(options, reading, client, settings, seen)
        target = Target(
            client,
            settings.alias(options.kind),
            run if keeps_origin else None,
            options.workers,
            options.retry_for_s,
            options.kind,
            signals,
            options.update,
        )
        on_read = clearance.on_read if clearance else None
        work = partial(run_pipeline, reading, target, enricher, ledger, halt, on_read)
        names = [source.name for source in reading.sources]  # without passwords and signatures
        noted = partial(_noted, client, settings, names, started_at)
        code = _reported(options, reading, ledger, work, note, noted=noted, clearance=clearance)
        finished = code != INTERRUPTED
        return code


def _noted(client: OpenSearch, settings: Settings, sources: list[str], at: datetime, summary: Summary) -> None:
    note_run(client, settings, summary, sources, at)


def _shown(batch: Batch) -> dict[str, Any] | None:
    """The first document of a batch as it would be stored; of a partial record what it changes."""
    if batch.items:
        return batch.items[0].body
    return {"id": batch.changes[0].id} | batch.changes[0].fields if batch.changes else None


def _reading(options: Options) -> Reading:
    now = datetime.now(UTC)
    columns = parse_columns(options.kind, list(options.maps), list(options.sets))
    sources = find_sources(list(options.sources), now)
    if options.delete_missing:
        _check_full(options, sources)
    reading = Reading(
        options.kind, sources, options.format, columns, options.batch, options.limit, now=now, update=options.update
    )
    reading.check()
    return reading


def _check_full(options: Options, sources: list[Source]) -> None:
    """Raise InputError where a run cannot tell what is missing."""
    mistakes = [
        Mistake("--delete-missing", what)
        for what, wrong in (
            ("goes with all records, not with --limit", options.limit is not None),
            ("goes with whole records, not with --update", options.update),
            ("needs a source with an end: a pipe may be cut short", any(one.size is None for one in sources)),
        )
        if wrong
    ]
    if mistakes:
        raise InputError(mistakes, "Name the whole catalogue, as a file")


def _describe(client: OpenSearch, info: IndexInfo) -> tuple[str, bool]:
    """The index's uuid (an index that was made anew is another target) and whether it keeps a document's origin."""
    with engine_errors():
        index = client.indices.get(index=info.name)[info.name]
    return index["settings"]["index"]["uuid"], ORIGIN_FIELD in index["mappings"].get("properties", {})


def _options_that_matter(options: Options, enricher: Enricher | LazyEnricher | None, uuid: str) -> list[str]:
    """Two runs are one and the same only when these are equal."""
    model = enricher.vector_hash if enricher else "none"
    way = ["update"] * options.update + ["full"] * options.delete_missing
    return [options.kind, options.format, uuid, model, *way, *sorted(options.maps), "|", *sorted(options.sets)]


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
    noted: Callable[[Summary], None] | None = None,
    clearance: Clearance | None = None,
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
            if clearance:
                ledger.note_deleted(clearance.finish(ending))
        for remark in clearance.remarks if clearance else ():
            reporter.say(remark)
        if unknown := list(reading.validator.unknown):
            reporter.say(_unknown_columns(options.kind, unknown))
        letters = ledger.dead_letters.path if ledger.dead_letters.size else None
        refused = bool(clearance and clearance.refusal)
        summary = Summary(options.kind, ending, snapshot(), letters, valid() if valid else None, refused)
        if ending == "interrupted" and reading.sources and not valid:
            reporter.say("interrupted: what was being written is written; go on with --resume")
    finally:
        ledger.dead_letters.close()
        reporter.close(summary)
    if noted:
        noted(summary)
    if clearance and clearance.refusal:
        raise clearance.refusal
    return summary.exit_code


def _unknown_columns(kind: DocumentKind, names: list[str]) -> str:
    at_least = "at least " if len(names) >= UNKNOWN_KEPT else ""
    shown = ", ".join(names[:20]) + (f" and {at_least}{len(names) - 20} more" if len(names) > 20 else "")
    return f"columns that are no field of a {kind} were left out: {shown} (use --map field=column)"

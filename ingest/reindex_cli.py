"""`souk reindex`: its options, and what it tells while it runs. `reindex/run.py` is the run itself."""

from __future__ import annotations

import dataclasses
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.reindex.subject import SUBJECTS, Subject
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ingest.reindex.moving import Moved
    from ingest.reindex.run import Reindexer
    from ingest.reindex.status import ReindexStatus
    from stack.settings import Settings

STATUS, ALL = "status", "all"
INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the command to the `souk` command."""
    app.command()(reindex)


def reindex(
    types: Annotated[
        list[str],
        typer.Argument(
            metavar="TYPE…", help="products, videos, lives, sellers, creators, signals or all; or the word status."
        ),
    ],
    model: Annotated[
        str | None, typer.Option(help="Embed anew with this model: a folder or a hub id [default: SOUK_MODEL].")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be built, change nothing.")] = False,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Old indexes that stay [default: mappings/reindex.yml, 1].")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the index before, with all that was written since.")
    ] = False,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Clear away what an unfinished run has left, and do nothing else.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON at the end.")] = False,
) -> None:
    """Build an index anew from today's mappings/, synonyms, languages, shards and model, while everything goes on.

    Documents are copied beside, with what is written meanwhile; then the new index takes over in one moment, and the
    old one stays for --rollback. A killed run is gone on with by the same command.

    Examples: `souk reindex products --dry-run`, `souk reindex products`, `souk reindex all --model
    intfloat/e5-small-v2`, `souk reindex products --rollback`, `souk reindex status`
    """
    from stack.settings import load_settings

    settings = load_settings(**({"model": model} if model else {}))
    if types == [STATUS]:
        _status(settings, as_json)
        return
    kinds = parse_types(types)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _reindexer(settings) as run:
        if dry_run:
            _preview(run, kinds)
            return
        try:
            if abandon:
                run.abandon()
                return
            moved = run.rollback(kinds) if rollback else run.reindex(kinds, keep or run.rules.keep)
        except KeyboardInterrupt:
            sys.stderr.write("souk: stopped; the same command goes on, --abandon clears away what was built\n")
            raise typer.Exit(INTERRUPTED) from None
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(each) for each in moved], indent=2))
    else:
        for each in moved:
            typer.echo(_told(each))


def parse_types(names: Sequence[str]) -> list[Subject]:
    """`["products", "live"]` → `["product", "live"]`. Raises InputError for what is none."""
    known = {f"{kind}s": kind for kind in SUBJECTS} | {kind: kind for kind in SUBJECTS}
    if wrong := [name for name in names if name not in known and name != ALL]:
        allowed = (*(f"{kind}s" for kind in SUBJECTS), ALL, STATUS)
        raise InputError([Mistake("TYPE", f"no such type: {name}", allowed) for name in wrong])
    chosen = set(SUBJECTS) if ALL in names else {known[name] for name in names}
    return [kind for kind in SUBJECTS if kind in chosen]


@contextmanager
def _reindexer(settings: Settings) -> Iterator[Reindexer]:
    from ingest.reindex.model import Model
    from ingest.reindex.rules import load_reindex_rules
    from ingest.reindex.run import Reindexer
    from stack.client import connect

    halt = Event()
    rules = load_reindex_rules(settings.mappings_dir)
    model = Model(settings, halt)
    teller = Telling()
    try:
        with connect(settings) as client:
            yield Reindexer(client, settings, rules, model, teller, halt)
    finally:
        teller.close()
        model.close()


class Telling:
    """Steps on standard error, and a bar where that is a terminal."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def expect(self, documents: int) -> None:
        """Show the bar."""
        if self._bar is None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
        if self._bar is not None:
            self._task = self._bar.add_task("copying", total=documents)

    def advance(self, documents: int) -> None:
        """Move it on."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, documents)

    def say(self, text: str) -> None:
        """A line."""
        if self._bar is not None:
            self._bar.console.print(text, highlight=False, markup=False)
        else:
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _told(moved: Moved) -> str:
    found = moved.finding
    vectors = f", {found.by_vector} of {found.with_vector} by vector" if found.with_vector else ""
    return (
        f"{moved.alias} is {moved.target} now, was {moved.source}: {moved.documents:,} documents, "
        f"{moved.copied:,} copied, {moved.deleted:,} deleted again, writes held for {moved.held_s:.2f} s; "
        f"of {found.sample} sampled the old index finds {found.old_by_title} by title, the new {found.new_by_title}"
        f"{vectors}; first ten alike {found.alike:.0%}"
    )


def _preview(run: Reindexer, kinds: Sequence[Subject]) -> None:
    from ingest.reindex.prepare import require_one_model
    from stack.apply import template_changes
    from stack.apply_command import show
    from stack.client import engine_errors
    from stack.documents import KINDS
    from stack.indexes import next_index, read_index

    with engine_errors():
        require_one_model(run.client, run.settings, run.model.card, kinds)
        for change in template_changes(run.client, run.settings, run.model.card):
            show(change)
        for kind in kinds:
            info = read_index(run.client, run.settings.alias(kind))
            count = run.client.count(index=info.name)["count"]
            vectors = "taken over" if info.model == run.model.card else f"made anew with {run.model.card.name}"
            said = f", vectors {vectors}" if kind in KINDS else ""
            typer.echo(f"{info.name} → {next_index(run.client, info.alias)}: {count:,} documents{said}")
    typer.echo("Nothing was changed (--dry-run)")


def _status(settings: Settings, as_json: bool) -> None:
    from ingest.reindex.status import read_reindex_status
    from stack.client import connect

    with connect(settings) as client:
        found = read_reindex_status(client, settings)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), indent=2))
    else:
        _print_status(found)


def _print_status(found: ReindexStatus) -> None:
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table

    table = Table(box=None)
    for heading in ("index", "role", "documents", "size", "model", "writes"):
        table.add_column(heading, justify="right" if heading in ("documents", "size") else "left", overflow="fold")
    for each in found.versions:
        writes = "held" if each.writes_held else ""
        table.add_row(each.index, each.role, f"{each.documents:,}", decimal(each.size_bytes), each.model or "", writes)
    console = Console()
    console.print(table)
    if (work := found.work) and work.alive:
        console.print(f"a reindex is running: {work.owner}, since {work.started_at}", highlight=False)
    elif work:
        console.print(
            f"a reindex did not end: {work.owner}, since {work.started_at}. "
            "The same command goes on with it, --abandon clears it away",
            highlight=False,
        )

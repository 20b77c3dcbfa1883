"""`souk ingest`: the options, the collaborators that they ask for, and the run. `pipeline.py` is the run itself."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kinds(StrEnum):
    """What is ingested."""

    PRODUCTS = "products"
    VIDEOS = "videos"
    LIVES = "lives"


class Format(StrEnum):
    """Formats of a source."""

    AUTO = "auto"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    ICECAT = "icecat"
    WANDS = "wands"
    ESCI = "esci"
    YOUTUBE = "youtube"


class Log(StrEnum):
    """How progress is told."""

    AUTO = "auto"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    app.command()(ingest)


def ingest(
    kind: Annotated[Kinds, typer.Argument(help="What the sources hold.")],
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE…", help="Files, gzip or plain; - is standard input.")],
    format_: Annotated[Format, typer.Option("--format", help="Told by the content when auto.")] = Format.AUTO,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Fill a field (or attributes.NAME) from a column; columns not named are left out. Repeatable.",
        ),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=CONSTANT", help="Fill a field of every record. Repeatable."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and validate, show the first document, write nothing.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an unfinished run of the same sources stopped.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Threads that write.")] = 2,
    no_embed: Annotated[bool, typer.Option("--no-embed", help="Write without text vectors.")] = False,
    dead_letters: Annotated[
        Path | None, typer.Option(help="File of refused records [default: under SOUK_STATE_DIR].")
    ] = None,
    log: Annotated[Log, typer.Option(help="auto: a bar on a terminal, JSON lines elsewhere.")] = Log.AUTO,
    batch: Annotated[int, typer.Option(min=1, max=5000, help="Records that travel together.")] = 500,
    retry_for: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long a busy engine is waited for.")
    ] = 120.0,
) -> None:
    """Read products, videos or lives and write them to the index, with their text vectors.

    Safe to repeat: what is unchanged is not sent, and an older record never replaces a newer one. Exit code 0: all
    good; 1: some records were refused (see the dead letters); 2: could not run; 130: interrupted, go on with --resume.

    Examples: `souk ingest products catalogue.jsonl.gz`, `zcat shop.csv.gz | souk ingest products - --map id=sku --map
    title=name`, `souk ingest lives channels.csv --map id=channel --map title=channel --set status=replay`
    """
    from ingest.command import Options, dry_run_command, ingest_command
    from ingest.summary import INTERRUPTED
    from stack.settings import load_settings

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stopped container ends like Ctrl-C: saved, resumable
    options = Options(
        kind={"products": "product", "videos": "video", "lives": "live"}[kind],  # type: ignore[arg-type]
        sources=tuple(sources),
        format=format_.value,
        maps=tuple(maps or ()),
        sets=tuple(sets or ()),
        limit=limit,
        resume=resume,
        workers=workers,
        embed=not no_embed,
        dead_letters=dead_letters,
        log=log.value,
        batch=batch,
        retry_for_s=retry_for,
    )
    try:
        code = dry_run_command(options) if dry_run else ingest_command(options, load_settings())
    except KeyboardInterrupt:  # before the run, or a second one while the first is being obeyed
        sys.stderr.write("souk: stopped at once; --resume goes on from the last mark\n")
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # an orderly exit would tear the model's threads down under its feet
    raise typer.Exit(code)

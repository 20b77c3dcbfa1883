"""`souk ingest`: the options, the collaborators that they ask for, and the run. `pipeline.py` is the run itself."""

from __future__ import annotations

import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ingest.reindex_cli import register as register_reindex


class Kinds(StrEnum):
    """What is ingested."""

    PRODUCTS = "products"
    VIDEOS = "videos"
    LIVES = "lives"
    SELLERS = "sellers"
    CREATORS = "creators"


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


SOURCE_HELP = "Files, https:// or s3://; plain, gzip or zstd. - is standard input."


class Log(StrEnum):
    """How progress is told."""

    AUTO = "auto"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    from ingest.update.cli import signals_app

    app.command()(ingest)
    app.add_typer(signals_app, name="signals")
    register_reindex(app)


def ingest(
    kind: Annotated[Kinds, typer.Argument(help="What the sources hold.")],
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE…", help=SOURCE_HELP)],
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
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            help="Partial records, an id and some fields: they change what is there. Prices, stock, viewers and "
            "heartbeats rewrite no document. In JSON, null takes a field away.",
        ),
    ] = False,
    delete_missing: Annotated[
        bool, typer.Option("--delete-missing", help="After a complete run, delete what the sources do not have.")
    ] = False,
    max_delete: Annotated[
        str, typer.Option(metavar="PERCENT", help="Delete nothing when more than this share would go.")
    ] = "5%",
) -> None:
    """Read products, videos, lives, sellers or creators and write them to the index, the first three with text vectors.

    Safe to repeat: what is unchanged is not sent, and an older record never replaces a newer one. Exit code 0: all
    good; 1: some records were refused (see the dead letters); 2: could not run; 130: interrupted, go on with --resume.
    A record {"id": …, "deleted": true, "updated_at": …} deletes, and nothing older brings the document back.

    Examples: `souk ingest products catalogue.jsonl.gz`, `zcat shop.csv.gz | souk ingest products - --map id=sku --map
    title=name`, `souk ingest lives channels.csv --map id=channel --map title=channel --set status=replay`, `souk ingest
    products prices.csv --update`, `souk ingest products https://shop.example/all.jsonl.zst --delete-missing`
    """
    from ingest.command import dry_run_command, ingest_command
    from ingest.options import Options
    from ingest.summary import INTERRUPTED
    from stack.settings import load_settings

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stopped container ends like Ctrl-C: saved, resumable
    options = Options(
        kind=kind.value.removesuffix("s"),  # type: ignore[arg-type]
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
        update=update,
        delete_missing=delete_missing,
        max_delete=percent(max_delete),
    )
    try:
        code = dry_run_command(options, load_settings) if dry_run else ingest_command(options, load_settings())
    except KeyboardInterrupt:  # before the run, or a second one while the first is being obeyed
        sys.stderr.write("souk: stopped at once; --resume goes on from the last mark\n")
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # an orderly exit would tear the model's threads down under its feet
    raise typer.Exit(code)


def percent(text: str) -> float:
    """`"5%"`, `"5"` → 5.0. Raises typer.BadParameter when it is no share."""
    try:
        share = float(text.strip().removesuffix("%"))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 100:
        raise typer.BadParameter(f"{text} is no share: write a percentage, like 5%", param_hint="--max-delete")
    return share

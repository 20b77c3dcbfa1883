"""`souk events import`: a log of searches and events into the indexes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

events_app = typer.Typer(help="What shoppers searched for and did (User Behavior Insights).", no_args_is_help=True)


@events_app.command("import")
def import_command(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="JSON Lines, plain or gzip; - is standard input.")
    ],
    dead_letters: Annotated[
        Path | None, typer.Option(help="File of refused records [default: under SOUK_STATE_DIR].")
    ] = None,
) -> None:
    """Write a log of User Behavior Insights, queries and events in any order, to ubi_queries and ubi_events.

    Safe to repeat: ids come from the records, and what is there already is left as it is. Exit code 1 when some were
    refused.

    Examples: `souk events import ubi_queries.jsonl.gz ubi_events.jsonl.gz`, `cat log.ndjson | souk events import -`
    """
    from api.events.importing import Refused, import_files
    from stack.behaviour import EVENTS, QUERIES
    from stack.client import connect
    from stack.settings import load_settings

    settings = load_settings()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    refused = Refused(dead_letters or settings.state_dir / "dead-letters" / f"{stamp}-events.jsonl")
    with connect(settings) as client:
        done = import_files(client, settings, files, refused)
    typer.echo(
        f"{done.read:,} read: {done.written[QUERIES]:,} searches and {done.written[EVENTS]:,} events written, "
        f"{done.known:,} there already, {done.refused:,} refused",
        err=True,
    )
    if done.refused:
        typer.echo(f"The refused ones stand in {refused.path}", err=True)
        raise typer.Exit(1)

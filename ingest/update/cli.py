"""`souk signals`: fold signals back into documents."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Annotated

import typer

signals_app = typer.Typer(no_args_is_help=True, help="What changes by the minute, beside the documents.")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """`90s`, `30m`, `12h`, `1d`. Raises typer.BadParameter."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None:
        raise typer.BadParameter(f"{text} is no age: write 30m, 12h or 1d", param_hint="--older-than")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@signals_app.command("fold")
def fold_command(
    older_than: Annotated[str, typer.Option(metavar="AGE", help="Fold what had nothing new for so long.")] = "1d",
) -> None:
    """Write signals that have come to rest back into their documents, so that filters, sorts and ranking see them.

    Run it once a day, when there is little to do: each folded signal writes one document. No vector is computed.

    Example: `souk signals fold --older-than 12h`
    """
    from ingest.compare import InFlight
    from ingest.options import Options, signals_of
    from ingest.patience import Patience
    from ingest.update.fold import Folding
    from ingest.update.merge import Merger
    from ingest.write import Writer
    from stack.client import connect, engine_errors
    from stack.lifecycle import load_policy
    from stack.settings import load_settings
    from stack.signals import FAST

    settings, rest, halt = load_settings(), age(older_than), Event()
    tombstones = timedelta(days=load_policy(settings.mappings_dir).tombstones_days)
    with connect(settings) as client:
        for kind in FAST:
            options = Options(kind, (), update=True)
            signals = signals_of(client, settings, options)
            assert signals is not None
            patience, alias = Patience(options.retry_for_s, halt), settings.alias(kind)
            with engine_errors():
                client.indices.refresh(index=alias)  # so that a search sees the vectors that are to be kept
            in_flight = InFlight(halt)
            merger = Merger(client, alias, signals, kind, patience, in_flight)
            writer = Writer(client, alias, patience, kind=kind, signals=signals)
            folding = Folding(client, signals, kind, merger, writer, in_flight)
            done = folding(datetime.now(UTC), rest, tombstones)
            with engine_errors():
                client.indices.refresh(index=alias)
            typer.echo(f"{kind}s: {done.folded:,} folded, {done.dropped:,} dropped, {done.waiting:,} stay")
            for reason, count in done.counts.reasons.most_common():
                typer.echo(f"{kind}s: {count:,} would not be valid with their signals: {reason}", err=True)

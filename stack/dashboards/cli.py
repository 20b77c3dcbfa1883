"""`souk dashboards load` and `souk dashboards check`."""

from __future__ import annotations

from typing import Annotated

import typer

dashboards_app = typer.Typer(help="Saved objects for OpenSearch Dashboards.", no_args_is_help=True)


@dashboards_app.command("load")
def load_command(
    url: Annotated[str, typer.Option(help="Address of Dashboards.")] = "http://127.0.0.1:5601",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write the objects to standard output, send nothing.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="How long Dashboards is waited for.")] = 0.0,
) -> None:
    """Load the dashboards of searches, latency, conversion and ingestion. Safe to repeat: ids are stable.

    User, password and CA certificate are those of the settings.

    Examples: `souk dashboards load --url http://dashboards:5601 --wait 300`,
    `souk dashboards load --dry-run > souk.ndjson`
    """
    import time

    from stack.dashboards.build import as_ndjson, build
    from stack.dashboards.load import load_when_ready
    from stack.errors import EngineError
    from stack.settings import load_settings

    settings = load_settings()
    ndjson = as_ndjson(build(settings.index_prefix))
    if dry_run:
        typer.echo(ndjson.decode(), nl=False)
        return
    done = load_when_ready(settings, url, ndjson, wait, time.monotonic, time.sleep)
    typer.echo(f"{done.count} objects are in Dashboards at {url}", err=True)
    if done.errors:
        raise EngineError(f"Dashboards refused {len(done.errors)} objects: {'; '.join(done.errors[:5])}", "See its log")


@dashboards_app.command("check")
def check_command(
    days: Annotated[int, typer.Option(min=1, help="Of so many days, the last of which is today.")] = 14,
) -> None:
    """Ask the engine what each panel asks, and say what it would show. Exit code 1 when one would be empty.

    Example: `souk dashboards check --days 30`
    """
    from rich.console import Console
    from rich.table import Table

    from stack.client import connect, engine_errors
    from stack.dashboards.build import build
    from stack.dashboards.requests import panel_request, shown
    from stack.settings import load_settings

    settings = load_settings()
    objects = build(settings.index_prefix)
    table = Table("panel", "documents", "bars, rows or numbers", box=None)
    empty = 0
    with connect(settings) as client:
        for panel in objects:
            if panel["type"] not in ("visualization", "search"):
                continue
            request = panel_request(panel, objects, f"now-{days}d")
            with engine_errors():
                answer = client.search(index=request.index, body=request.body)
            count = shown(answer, request)
            empty += not count
            table.add_row(request.title, f"{answer['hits']['total']['value']:,}", str(count) if count else "none")
    Console().print(table)
    if empty:
        raise typer.Exit(1)

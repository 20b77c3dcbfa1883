"""Commands of the engine: `souk up`, `down`, `status`, `apply`, `settings`."""

from __future__ import annotations

import dataclasses
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stack.apply_command import apply
from stack.settings import Settings, load_settings

if TYPE_CHECKING:
    from stack.capabilities import Capabilities
    from stack.origins import Origin
    from stack.status import ClusterStatus


class Engine(StrEnum):
    """How `souk up` gets an engine."""

    LOCAL = "local"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    for command in (up, down, status, apply):
        app.command()(command)
    app.command("settings")(show_settings)


def up(
    engine: Annotated[Engine, typer.Option(help="How to get an engine.")] = Engine.LOCAL,  # noqa: ARG001
    port: Annotated[int | None, typer.Option(help="HTTP port [default: SOUK_ENGINE_PORT, 9200].")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Data folder [default: under SOUK_STATE_DIR].")] = None,
    heap: Annotated[str | None, typer.Option(help="JVM heap, like 512m or 4g [default: SOUK_ENGINE_HEAP, 1g].")] = None,
) -> None:
    """Start the local OpenSearch, or check the cluster of SOUK_OPENSEARCH_URL.

    It goes on after the command ends; a second `souk up` reuses it. The first one fetches the engine through Maven.

    Examples: `souk up`, `souk up --port 9201 --heap 2g`, `SOUK_OPENSEARCH_URL=https://search.example:9200 souk up`
    """
    from stack import node

    given = {"engine_port": port, "engine_heap": heap}  # as settings, so that they are checked as those are
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    if settings.opensearch_url:
        _check_existing(settings)
        return
    node.start(settings, port=port, data_dir=data_dir, say=_say)


def down() -> None:
    """Stop the engine that `souk up` started. Its data stays.

    Example: `souk down`
    """
    from stack import node

    settings = load_settings()
    if settings.opensearch_url:
        _say("SOUK_OPENSEARCH_URL names an existing cluster, which is left alone")
    _say("The engine is stopped" if node.stop(settings, _say) else "No engine of ours is running")


def status(as_json: AsJson = False) -> None:
    """Health, version, plugins and capabilities of the engine, and the indexes behind our aliases.

    Examples: `souk status`, `souk status --json | jq .indexes`
    """
    from stack.client import connect
    from stack.status import read_status

    settings = load_settings()
    with connect(settings) as client:
        found = read_status(client, settings)
    if as_json:
        _print_json(dataclasses.asdict(found))
    else:
        _print_status(found)


def show_settings(as_json: AsJson = False) -> None:
    """Every setting, its value and where it came from. Secrets are covered.

    Examples: `souk settings`, `SOUK_MODEL=intfloat/e5-small-v2 souk settings --json`
    """
    from stack.origins import origins

    rows = origins(load_settings(), os.environ)
    if as_json:
        _print_json({row.name: {"value": row.value, "source": row.source} for row in rows})
    else:
        _print_settings(rows)


def _check_existing(settings: Settings) -> None:
    from stack.capabilities import read_capabilities
    from stack.client import connect, engine_url, shown_url

    with connect(settings) as client:
        found = read_capabilities(client)
    _say(f"Using the existing cluster at {shown_url(engine_url(settings))}: {found.distribution} {found.version}")
    _say(f"It can do: {_abilities(found)}")


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _abilities(capabilities: Capabilities) -> str:
    names = ("knn", "hybrid", "ltr", "faiss")
    return ", ".join(f"{name} {'yes' if getattr(capabilities, name) else 'no'}" for name in names)


def _print_status(found: ClusterStatus) -> None:
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table

    console, able = Console(), found.capabilities
    console.print(
        f"{found.url}  {found.health}, {able.distribution} {able.version}, nodes: {found.nodes}", highlight=False
    )
    console.print(f"plugins: {', '.join(able.plugins) or 'none'}", highlight=False)
    console.print(f"can do: {_abilities(able)}", highlight=False)
    if found.pid:
        console.print(f"local engine: pid {found.pid}, log {found.log_file}", highlight=False, soft_wrap=True)
    if not found.indexes:
        console.print("No indexes yet. Run souk apply", highlight=False)
        return
    table = Table(box=None)
    for heading in ("alias", "index", "documents", "vectors", "size", "model"):
        number = heading in ("documents", "vectors", "size")
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for index in found.indexes:
        counts = f"{index.documents:,}", f"{index.vectors:,}", decimal(index.size_bytes)
        table.add_row(index.alias, index.index, *counts, index.model or "")
    console.print(table)


def _print_settings(rows: list[Origin]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=None)
    for heading, fold in (("setting", False), ("value", True), ("from", False), ("what it is", True)):
        table.add_column(heading, no_wrap=not fold, overflow="fold")
    for row in rows:
        table.add_row(row.name, row.value or "", row.source, row.description)
    console.print(table)

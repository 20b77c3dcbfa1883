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
from stack.dashboards.cli import dashboards_app
from stack.lifecycle_cli import lifecycle_app
from stack.settings import Settings, load_settings
from stack.snapshot_cli import snapshot_app

if TYPE_CHECKING:
    from rich.console import Console

    from stack.capabilities import Capabilities
    from stack.origins import Origin
    from stack.status import ClusterStatus, Shards


class Engine(StrEnum):
    """How `souk up` gets an engine."""

    LOCAL = "local"
    DOCKER = "docker"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    for command in (up, down, status, apply):
        app.command()(command)
    app.command("settings")(show_settings)
    app.add_typer(snapshot_app, name="snapshot")
    app.add_typer(lifecycle_app, name="lifecycle")
    app.add_typer(dashboards_app, name="dashboards")


def up(
    engine: Annotated[Engine, typer.Option(help="How to get an engine.")] = Engine.LOCAL,
    port: Annotated[int | None, typer.Option(help="HTTP port [default: SOUK_ENGINE_PORT, 9200].")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Data folder [default: under SOUK_STATE_DIR].")] = None,
    heap: Annotated[
        str | None, typer.Option(help="JVM heap of a node, like 512m or 4g [default: SOUK_ENGINE_HEAP, 1g].")
    ] = None,
    nodes: Annotated[int | None, typer.Option(help="Nodes of the engine [default: SOUK_NODES, 1].")] = None,
) -> None:
    """Start the local OpenSearch, or check the cluster of SOUK_OPENSEARCH_URL.

    It goes on after the command ends; a second `souk up` reuses it, and starts those of its nodes that died. With more
    nodes than before, new ones join; with fewer it refuses. The first one fetches the engine through Maven.

    With `--engine docker` it is one container of the official image, pulled once, its data in a volume; security is off
    and its port is on loopback only.

    Examples: `souk up`, `souk up --port 9201 --heap 2g`, `souk up --nodes 3`, `souk up --engine docker`,
    `SOUK_OPENSEARCH_URL=https://search.example:9200 souk up`
    """
    from stack import node

    # As settings, so that they are checked as those are.
    given = {"engine_port": port, "engine_heap": heap, "nodes": nodes}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    if settings.opensearch_url:
        _check_existing(settings)
        return
    if engine is Engine.DOCKER:
        _start_container(settings, port, data_dir)
        return
    node.start(settings, port=port, data_dir=data_dir, say=_say)


def down() -> None:
    """Stop the engine that `souk up` started, container or not. Its data stays.

    Example: `souk down`
    """
    from stack import node

    settings = load_settings()
    if settings.opensearch_url:
        _say("SOUK_OPENSEARCH_URL names an existing cluster, which is left alone")
    stopped = [node.stop(settings, _say), _stop_container(settings)]
    _say("The engine is stopped" if any(stopped) else "No engine of ours is running")


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


def _start_container(settings: Settings, port: int | None, data_dir: Path | None) -> None:
    from stack.docker_engine.container import start
    from stack.errors import ConfigError

    if data_dir is not None:
        raise ConfigError("--data-dir is for the local engine", "The container's data is in a volume of Docker")
    start(settings, port=port, say=_say)


def _stop_container(settings: Settings) -> bool:
    from stack.docker_engine import read_state

    if read_state(settings) is None:
        return False
    from stack.docker_engine.container import stop

    return stop(settings, _say)


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
    console.print(_shard_line(found.shards), highlight=False)
    if found.pid:
        console.print(f"local engine: pid {found.pid}, log {found.log_file}", highlight=False, soft_wrap=True)
    if len(found.members) > 1 or any(not member.answers for member in found.members):
        _print_members(console, found)
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


def _shard_line(shards: Shards) -> str:
    moving = f", {shards.moving} starting or moving" if shards.moving else ""
    return f"shards: {shards.active} of {shards.active + shards.missing + shards.moving} active{moving}" + (
        f", {shards.missing} without a node" if shards.missing else ""
    )


def _print_members(console: Console, found: ClusterStatus) -> None:
    from rich.filesize import decimal
    from rich.table import Table

    table = Table(box=None)
    for heading in ("node", "address", "pid", "shards", "heap", "disk free", ""):
        table.add_column(heading, justify="right" if heading in ("pid", "shards", "heap", "disk free") else "left")
    for each in found.members:
        pid = str(each.pid or "")
        if each.answers:
            note = "cluster manager" if each.manages else ""
            counts = f"{each.shards}", f"{each.heap_percent}%", decimal(each.disk_free_bytes)
        else:
            note, counts = "does not answer: run souk up" if each.pid is None else "does not answer", ("", "", "")
        table.add_row(each.name, each.address, pid, *counts, note)
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

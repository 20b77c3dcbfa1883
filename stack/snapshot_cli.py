"""`souk snapshot create|list|restore|delete`."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from stack.errors import ConfigError

if TYPE_CHECKING:
    from stack.snapshots import Progress, Snapshot

snapshot_app = typer.Typer(help="Copies of all our indexes in a folder, or wherever the cluster keeps them.")
Name = Annotated[str, typer.Argument(help="As souk snapshot list names it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@snapshot_app.command()
def create(
    name: Annotated[str | None, typer.Argument(help="Lower case [default: souk-<time>].")] = None,
) -> None:
    """Take a snapshot of the indexes in use, while everything goes on. Later ones share files with earlier ones.

    Examples: `souk snapshot create`, `souk snapshot create before-sale`
    """
    from stack.client import connect
    from stack.settings import load_settings
    from stack.snapshots import create, folder

    settings = load_settings()
    with connect(settings) as client, _bar(f"snapshot {name or ''}".strip()) as progress:
        made = create(client, settings, name, progress)
    typer.echo(f"{made.name}: {len(made.indexes)} indexes, {made.documents:,} documents, in {folder(settings)}")


@snapshot_app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False) -> None:
    """All snapshots, oldest first, and whether they can be restored.

    Example: `souk snapshot list`
    """
    from stack.client import connect
    from stack.settings import load_settings
    from stack.snapshots import read_all

    settings = load_settings()
    with connect(settings) as client:
        found = read_all(client, settings)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    else:
        _print(found)


@snapshot_app.command()
def restore(
    name: Name,
    to_prefix: Annotated[
        str | None, typer.Option(help="Restore beside, as <prefix>-products and so on [default: where it came from].")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of the indexes there are, which are deleted. Asks first.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Bring the indexes of a snapshot back, with templates and pipelines from mappings/.

    Searches go on in the old indexes until all new ones are there.

    Examples: `souk snapshot restore souk-20260301t020000z`, `souk snapshot restore before-sale --to-prefix trial`
    """
    from stack.apply import apply, template_changes
    from stack.client import connect
    from stack.embedding.encoder import read_card
    from stack.restore import restore
    from stack.settings import load_settings
    from stack.snapshots import find

    settings = load_settings()
    target = load_settings(index_prefix=to_prefix) if to_prefix else settings
    card = read_card(settings)
    with connect(settings) as client:
        known = find(client, settings, name)
        if replace and not yes:
            _confirm(f"Put {name} in the place of the indexes of {target.index_prefix}, and delete those?")
        with _bar(f"restoring {name}") as progress:
            done = restore(client, settings, name, to_prefix, replace, progress)
        apply(client, template_changes(client, target, card))
    for index in done.replaced:
        typer.echo(f"{index} is deleted")
    typer.echo(f"{', '.join(done.indexes)}: {done.documents:,} documents in use")
    if known.model not in (None, card):
        said = "Its vectors are of another model: set SOUK_MODEL to that, or run souk reindex all"
        typer.echo(f"{said} ({known.model.name if known.model else ''})", err=True)


@snapshot_app.command()
def delete(name: Name, yes: Yes = False) -> None:
    """Delete a snapshot. Files that others need stay.

    Example: `souk snapshot delete before-sale --yes`
    """
    from stack.client import connect
    from stack.settings import load_settings
    from stack.snapshots import delete, find

    settings = load_settings()
    with connect(settings) as client:
        find(client, settings, name)
        if not yes:
            _confirm(f"Delete the snapshot {name}?")
        delete(client, settings, name)
    typer.echo(f"{name} is deleted")


def _confirm(question: str) -> None:
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise ConfigError("not confirmed, nothing was changed", "Say yes, or pass --yes")


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    """A bar where standard error is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(found: list[Snapshot]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for heading in ("snapshot", "state", "taken", "seconds", "indexes", "documents", "engine", "model"):
        number = heading in ("seconds", "indexes", "documents")
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for each in found:
        counts = f"{each.seconds:g}", str(len(each.indexes)), f"{each.documents:,}"
        taken, model = each.started_at[:19], each.model.name if each.model else ""
        table.add_row(each.name, each.state, taken, *counts, each.engine, model)
    Console().print(table if found else "No snapshots yet. Run souk snapshot create")

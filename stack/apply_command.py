"""`souk apply`: show what would change, then change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from stack.errors import ConfigError

if TYPE_CHECKING:
    from stack.apply import Change

SIGNS = {"create": "+", "update": "~", "unchanged": "=", "skip": "·", "differs": "!", "recreate": "*"}
SHOWN = 40


def apply(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, change nothing.")] = False,
    recreate: Annotated[
        bool, typer.Option("--recreate", help="Delete the indexes and make them anew, empty. Asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Bring templates, pipelines and indexes to what `mappings/` says. Safe to repeat: it changes only what differs.

    Examples: `souk apply --dry-run`, `souk apply`, `souk apply --recreate --yes`
    """
    from stack.apply import apply as put
    from stack.apply import plan
    from stack.capabilities import read_capabilities
    from stack.client import connect
    from stack.embedding.encoder import read_card
    from stack.settings import load_settings

    settings = load_settings()
    card = read_card(settings)
    with connect(settings) as client:
        changes = plan(client, settings, card, read_capabilities(client), recreate)
        for change in changes:
            show(change)
        if dry_run:
            typer.echo("Nothing was changed (--dry-run)")
            return
        if recreate and not yes and any(change.action == "recreate" for change in changes):
            _confirm(changes)
        put(client, changes)
    done = sum(change.action in ("create", "update", "recreate") for change in changes)
    typer.echo(f"{done} changed, {len(changes) - done} as they were")


def _confirm(changes: list[Change]) -> None:
    names = ", ".join(change.note for change in changes if change.action == "recreate")
    try:
        agreed = typer.confirm(f"Delete {names} with all documents?")
    except typer.Abort:
        agreed = False
    if not agreed:
        raise ConfigError("not confirmed, nothing was changed", "Say yes, or pass --yes")


def show(change: Change) -> None:
    """Print one change with its difference."""
    typer.echo(f"{SIGNS[change.action]} {change.path}  {change.source}{f'  ({change.note})' if change.note else ''}")
    for line in change.diff[:SHOWN]:
        typer.echo(f"    {line}")
    if len(change.diff) > SHOWN:
        typer.echo(f"    … {len(change.diff) - SHOWN} more")

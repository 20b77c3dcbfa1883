"""`souk lifecycle show|run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from stack.lifecycle import Policy, Step
    from stack.settings import Settings

WORK = "lifecycle"
lifecycle_app = typer.Typer(help="What rolls over and what goes, by mappings/lifecycle.yml.")


@lifecycle_app.command()
def show() -> None:
    """The policy, and what is due by it now.

    Example: `souk lifecycle show`
    """
    with _opened() as (client, settings, policy):
        _say(
            f"lives: {policy.ended_lives_days} days after their end; deletions remembered {policy.tombstones_days} days"
        )
        for name, log in policy.logs.items():
            conditions = ", ".join(f"{name} {value}" for name, value in log.conditions.items())
            _say(f"{settings.index_prefix}-{name}: a new index at {conditions}; kept {log.keep_days} days after")
        _tell(_planned(client, settings, policy))


@lifecycle_app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is due, change nothing.")] = False,
) -> None:
    """Do what is due. Made for cron: it may run at any time, and of two at once one leaves it to the other.

    Examples: `souk lifecycle run --dry-run`, `17 3 * * * souk lifecycle run`
    """
    from stack.lifecycle import carry_out
    from stack.locks import held, look

    with _opened() as (client, settings, policy):
        if dry_run:
            _tell(_planned(client, settings, policy))
            _say("Nothing was changed (--dry-run)")
            return
        if (other := look(client, settings.index_prefix, WORK)) and other.alive:
            _say(f"Left to {other.owner}, at it since {other.started_at}")
            return
        with held(client, settings.index_prefix, WORK):
            steps = _planned(client, settings, policy)
            _tell(steps)
            for step in steps:
                _say(f"{step.target}: {carry_out(client, step)}")


def _planned(client: OpenSearch, settings: Settings, policy: Policy) -> list[Step]:
    from stack.lifecycle import plan

    return plan(client, settings, policy, datetime.now(UTC))


@contextmanager
def _opened() -> Iterator[tuple[OpenSearch, Settings, Policy]]:
    from stack.client import connect
    from stack.lifecycle import load_policy
    from stack.settings import load_settings

    settings = load_settings()
    policy = load_policy(settings.mappings_dir)
    with connect(settings) as client:
        yield client, settings, policy


def _tell(steps: list[Step]) -> None:
    from rich.filesize import decimal

    for step in steps:
        size = f", {decimal(step.size_bytes)}" if step.size_bytes else ""
        _say(f"{step.action} {step.target}: {step.documents:,} documents{size}; {step.why}")
    if not steps:
        _say("Nothing is due")


def _say(text: str) -> None:
    typer.echo(text)

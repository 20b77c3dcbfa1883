"""Commands of offline work: `souk eval`, `souk judgments`, `souk market`."""

from __future__ import annotations

import typer

from learn.eval_cli import eval_app
from learn.judgments_cli import judgments_app
from learn.market.cli import market_app


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    app.add_typer(eval_app, name="eval")
    app.add_typer(judgments_app, name="judgments")
    app.add_typer(market_app, name="market")

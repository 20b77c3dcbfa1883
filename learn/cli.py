"""Commands of offline work, each in the file of its name."""

from __future__ import annotations

import typer

from learn.encoder.cli import encoder_command
from learn.eval_cli import eval_app
from learn.features_cli import features_app
from learn.judgments_cli import judgments_app
from learn.learn_cli import learn_command
from learn.lexicon.cli import synonyms_app, understand_app
from learn.market.cli import market_app
from learn.models_cli import models_app
from learn.train_cli import train_app


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    app.add_typer(understand_app, name="understand")
    app.add_typer(synonyms_app, name="synonyms")
    app.add_typer(eval_app, name="eval")
    app.add_typer(judgments_app, name="judgments")
    app.add_typer(features_app, name="features")
    train_app.command("encoder")(encoder_command)
    app.add_typer(train_app, name="train")
    app.add_typer(models_app, name="model")
    app.command("learn")(learn_command)
    app.add_typer(market_app, name="market")

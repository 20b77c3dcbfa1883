"""`souk learn`: judgments → feature log → cross-validation → a model on everything → published, in one command."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat, TypeName

if TYPE_CHECKING:
    from learn.feature_log import Logged
    from learn.judgments import Judgments
    from learn.train.crossval import CrossValidation


def learn_command(
    judgments: Annotated[list[Path], typer.Option(help="File of judgments, plain or gzip. Repeatable: merged.")],
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")] = JudgmentFormat.AUTO,
    kind: Annotated[TypeName, typer.Option("--type", help="The type of the judged documents.")] = TypeName.PRODUCT,
    trials: Annotated[
        int | None, typer.Option(min=0, help="Sets of parameters tried in each fold. Default: training.yml.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the feature log and the model in this folder too.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Make the model the one that serves, if it is better.")
    ] = True,
    anyway: Annotated[bool, typer.Option("--anyway", help="Publish even a model that is no better.")] = False,
) -> None:
    """Learn to rank from judgments: log features, cross-validate, train on everything, publish, report.

    A model that is not better than the first stage on queries that it has not seen is not published. Running API
    processes take a published one up by themselves; `souk model rollback` takes it back.

    Examples: `souk learn --judgments rated.csv`, `souk learn --judgments qrels.txt --no-publish --out run`
    """
    from learn.features_cli import run_log, say
    from learn.frame import write_frame
    from learn.judgments import read_judgments

    read = read_judgments(judgments, form.value)
    logged = run_log(read, kind)
    say(logged)
    folder = out or Path(tempfile.mkdtemp(prefix="souk-learn-"))
    try:
        write_frame(logged.frame, folder / "features.parquet")
        model = folder / "model"
        validated = _train(logged, read, trials, model)
        if not publish:
            typer.echo(f"Not published. Publish it with: souk model publish {model}" if out else "Not published.")
        elif not anyway and not better(validated):
            typer.echo("Not published: it is no better than the first stage. --anyway publishes it all the same.")
        else:
            _publish(model)
    finally:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)


def better(validated: CrossValidation) -> bool:
    """Is the mean of held-out queries above the first stage's?"""
    return validated.metrics["nDCG@10"] > validated.metrics["first stage nDCG@10"]


def _train(logged: Logged, judgments: Judgments, trials: int | None, out: Path) -> CrossValidation:
    from api.funnel.feature_set import load_features
    from learn.train.data import read_log
    from learn.train.declared import monotone_of
    from learn.train.options import load_options
    from learn.train_cli import validate_and_train
    from stack.settings import load_settings

    mappings_dir = load_settings().mappings_dir
    log = read_log(logged.frame, judgments, "the feature log")
    declared = load_features(mappings_dir, log.frame.kind)
    options = load_options(mappings_dir, trials=trials, monotone=monotone_of(declared, log.frame))
    validated, _ = validate_and_train(log, declared, options, out)
    return validated


def _publish(model: Path) -> None:
    from learn.models import publish
    from stack.settings import load_settings

    published = publish(load_settings().published, model, shadow=False, name=None, now=datetime.now(UTC))
    typer.echo(f"{published.shelf} {published.model.name} is current: {published.summary}")

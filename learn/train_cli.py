"""`souk train`: a feature log → figures by cross-validation → a model on everything."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from api.funnel.feature_set import FeatureSet
    from learn.train.crossval import CrossValidation
    from learn.train.data import Log
    from learn.train.fit import TrainedModel
    from learn.train.options import Options

train_app = typer.Typer(help="Train ranking models and encoders.", no_args_is_help=False)


class TrainerName(StrEnum):
    """The libraries that grow trees."""

    LIGHTGBM = "lightgbm"
    XGBOOST = "xgboost"


@train_app.callback(invoke_without_command=True)
def train_command(
    context: typer.Context,
    features: Annotated[Path | None, typer.Option(help="The feature log, from `souk features log`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the model, to be published.")] = None,
    judgments: Annotated[
        list[Path] | None,
        typer.Option(
            help="The judgments of the log. Repeatable. With them the figures count what recall did not return."
        ),
    ] = None,
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")] = JudgmentFormat.AUTO,
    trainer: Annotated[TrainerName | None, typer.Option(help="Default: training.yml.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(help="lambdarank, regression; rank_xendcg (lightgbm), pairwise (xgboost). Default: training.yml."),
    ] = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Folds by query. Default: training.yml.")] = None,
    trials: Annotated[
        int | None, typer.Option(min=0, help="Sets of parameters tried in each fold; 0: those of training.yml.")
    ] = None,
    unjudged: Annotated[
        int | None, typer.Option(min=0, help="Unjudged candidates a query that are taught as not relevant.")
    ] = None,
    monotone: Annotated[str, typer.Option(help="feature=1,other=-1,third=0: over what the feature set declares.")] = "",
    seed: Annotated[int | None, typer.Option(help="Same seed, same model.")] = None,
    ablate: Annotated[bool, typer.Option("--ablate", help="Also without each group of features.")] = False,
) -> None:
    """Cross-validate by query, print the figures, train on everything and write the model's folder.

    Numbers that are not given stand in mappings/ranking/training.yml.

    Examples: `souk train --features features.parquet --out model`,
    `souk train --features features.parquet --judgments rated.csv --trials 0 --ablate --out model`,
    `souk train --features features.parquet --trainer xgboost --monotone title_bm25=1,price=0 --out model`
    """
    if context.invoked_subcommand is not None:
        return
    missing = [f"--{name}" for name, value in (("features", features), ("out", out)) if value is None]
    if features is None or out is None:
        raise typer.BadParameter("missing; see souk train --help", context, param_hint=", ".join(missing))
    if out.exists() and any(out.iterdir()):
        raise InputError([Mistake("--out", f"{out} is not empty")], "Name a new folder")
    from api.funnel.feature_set import load_features
    from learn.train.declared import monotone_of
    from learn.train.options import load_options, read_monotone
    from stack.settings import load_settings

    mappings_dir = load_settings().mappings_dir
    log = _read(features, judgments or [], form)
    declared = load_features(mappings_dir, log.frame.kind)
    options = load_options(
        mappings_dir,
        trainer=trainer.value if trainer else None,
        objective=objective,
        folds=folds,
        trials=trials,
        unjudged=unjudged,
        seed=seed,
        monotone=monotone_of(declared, log.frame) | read_monotone(monotone, log.names),
    )
    _, trained = validate_and_train(log, declared, options, out, ablate)
    _say_written(out, trained)


def _read(features: Path, judgments: list[Path], form: JudgmentFormat) -> Log:
    from learn.frame import read_frame
    from learn.judgments import read_judgments
    from learn.train.data import read_log

    rated = read_judgments(judgments, form.value) if judgments else None
    return read_log(read_frame(features), rated, features.name)


def validate_and_train(
    log: Log, declared: FeatureSet, options: Options, out: Path, ablate: bool = False
) -> tuple[CrossValidation, TrainedModel]:
    """Cross-validate, print the figures, train on everything and write the model's folder."""
    from rich.console import Console

    from learn.progress import bars
    from learn.train import show
    from learn.train.ablate import ablate as run_ablation
    from learn.train.counting import counting
    from learn.train.crossval import cross_validate
    from learn.train.declared import groups_of, note_of
    from learn.train.fit import train

    console = Console()
    for note in filter(None, [*show.notes(log), note_of(declared, log.frame)]):
        console.print(note, highlight=False)
    once = options.trials + 1
    with bars() as advance:
        validated = cross_validate(log, options, counting(advance, "cross-validating", once * options.folds))
        show.figures(validated, console)
        if ablate:
            groups = groups_of(declared, log.frame)
            fixed = options.model_copy(update={"trials": 0})
            tick = counting(advance, "without each group", (len(groups) + 1) * options.folds)
            show.ablation(run_ablation(cross_validate(log, fixed, tick), fixed, groups, tick), console)
        trained = train(log, options, tick=counting(advance, "training on everything", once))
    trained.write(out, validated.metrics, datetime.now(UTC))
    return validated, trained


def _say_written(out: Path, trained: TrainedModel) -> None:
    from rich.console import Console

    from learn.train.show import choice

    Console().print(f"Written to {out}: {choice(trained)}. Next: souk model publish {out}", highlight=False)

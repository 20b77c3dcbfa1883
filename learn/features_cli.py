"""`souk features log`: what the final stage sees, written for training. `souk features list`: the declared set."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat, TypeName
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from learn.feature_log import Logged
    from learn.judgments import Judgments

features_app = typer.Typer(help="The features of the final-stage ranking.", no_args_is_help=True)
SHOWN = 5


@features_app.command("log")
def log_command(
    judgments: Annotated[list[Path], typer.Option(help="File of judgments, plain or gzip. Repeatable: merged.")],
    out: Annotated[Path, typer.Option(help="File to write: .parquet, or .txt for RankLib and SVMrank.")],
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")] = JudgmentFormat.AUTO,
    kind: Annotated[TypeName, typer.Option("--type", help="The type of the judged documents.")] = TypeName.PRODUCT,
) -> None:
    """Run every judged query by the live path and keep the features of its candidates.

    Examples: `souk features log --judgments rated.csv --out features.parquet`,
    `souk features log --judgments rated.csv --out features.txt`
    """
    from learn.frame import write_frame
    from learn.judgments import read_judgments
    from learn.ranklib import write_ranklib

    if out.suffix not in (".parquet", ".txt"):
        raise InputError([Mistake("--out", f"{out.name} is neither .parquet nor .txt")], "Name the file so")
    logged = run_log(read_judgments(judgments, form.value), kind)
    (write_frame if out.suffix == ".parquet" else write_ranklib)(logged.frame, out)
    say(logged)
    typer.echo(f"Written to {out}")


def run_log(judgments: Judgments, kind: TypeName) -> Logged:
    """The feature log of judgments, with a bar on the terminal."""
    from api.bootstrap import build_searcher
    from learn.evaluate import PATIENCE_MS
    from learn.feature_log import log_features
    from learn.progress import bars
    from stack.settings import load_settings

    patient = load_settings().model_copy(update={"deadline_ms": PATIENCE_MS})

    async def run() -> Logged:
        async with build_searcher(patient) as searcher:
            with bars() as advance:
                return await log_features(searcher, judgments, kind.value, advance)

    return asyncio.run(run())


def say(logged: Logged) -> None:
    """What is in a log, and what is not."""
    frame = logged.frame
    judged = int((~(frame.ratings != frame.ratings)).sum())
    queries = len(set(frame.queries))
    typer.echo(f"{queries} queries, {len(frame.docs):,} candidates ({judged:,} judged), {len(frame.names)} features")
    if logged.lost:
        typer.echo(f"{logged.lost:,} judged documents were not recalled; they count against every figure")
    if logged.empty:
        shown = ", ".join(logged.empty[:SHOWN])
        typer.echo(f"{len(logged.empty)} queries found nothing: {shown}{' …' if len(logged.empty) > SHOWN else ''}")


@features_app.command("list")
def list_command(
    kind: Annotated[TypeName, typer.Option("--type", help="The type of document.")] = TypeName.PRODUCT,
) -> None:
    """The declared features of a type: name, group, where the value comes from, what it says.

    Example: `souk features list --type video`
    """
    from rich.console import Console
    from rich.table import Table

    from api.funnel.feature_set import load_features
    from stack.settings import load_settings

    features = load_features(load_settings().mappings_dir, kind.value)
    table = Table("feature", "group", "from", "more is", "says", box=None)
    better = {1: "never worse", -1: "never better", 0: ""}
    for feature in features.features:
        table.add_row(feature.name, feature.group, feature.source, better[feature.monotone], feature.label)
    Console(highlight=False).print(table)
    typer.echo(f"{len(features.features)} features, set {features.hash}")

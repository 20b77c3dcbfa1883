"""`souk model publish|list|rollback|compare`: which ranking model serves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat, TypeName

if TYPE_CHECKING:
    from learn.models import Published
    from stack.settings import Settings

models_app = typer.Typer(help="Ranking models: publish, list, roll back, compare.", no_args_is_help=True)
KindOption = Annotated[TypeName, typer.Option("--type", help="The type of document that the model ranks.")]
Shadow = Annotated[bool, typer.Option("--shadow", help="The second model: it scores beside, and changes no order.")]


@models_app.command("publish")
def publish_command(
    folder: Annotated[Path, typer.Argument(help="What `souk train --out` wrote.")],
    shadow: Shadow = False,
    name: Annotated[str | None, typer.Option(help="Name of the version. Default: date and a hash.")] = None,
) -> None:
    """Make a model the one that serves, at once and without a restart; as a shadow it is only scored with and logged.

    Where the cluster has the learning-to-rank plugin, it goes there too.

    Examples: `souk model publish model`, `souk model publish model --shadow`
    """
    from learn.models import publish
    from stack.settings import load_settings

    settings = load_settings()
    published = publish(settings.published, folder, shadow, name, datetime.now(UTC))
    typer.echo(f"{published.shelf} {published.model.name} is current: {published.summary}")
    if not shadow and (there := _publish_to_plugin(settings, published)):
        typer.echo(f"In the learning-to-rank plugin: {there}")


@models_app.command("list")
def list_command(kind: KindOption = TypeName.PRODUCT) -> None:
    """List the published models, the newest last; * is the one that serves.

    Example: `souk model list --type product`
    """
    from rich.console import Console
    from rich.table import Column, Table

    from learn.models import shelf_of
    from stack.settings import load_settings

    settings = load_settings()
    for shadow in (False, True):
        shelf = shelf_of(settings.published, kind.value, shadow)
        versions, current = shelf.versions(), shelf.current()
        if not versions:
            if not shadow:
                typer.echo(f"Nothing is published for {kind.value}: souk train, then souk model publish")
            continue
        typer.echo(shelf.name)
        table = Table("", Column("version", no_wrap=True), "trainer", "features", "nDCG@10", "first stage", box=None)
        for version in versions:
            about = version.about
            metrics = about.get("metrics", {})
            table.add_row(
                "*" if version.name == current else "",
                version.name,
                f"{about.get('trainer')} {about.get('objective', '')}",
                f"{len(about.get('feature_names', []))} ({about.get('feature_set')})",
                *(_figure(metrics.get(name)) for name in ("nDCG@10", "first stage nDCG@10")),
            )
        Console().print(table)


@models_app.command("rollback")
def rollback_command(
    version: Annotated[str | None, typer.Argument(help="Default: the one before the one that serves.")] = None,
    kind: KindOption = TypeName.PRODUCT,
    shadow: Shadow = False,
) -> None:
    """Let an earlier version serve again. Nothing is deleted: rolling forward names the later one.

    Examples: `souk model rollback`, `souk model rollback 20261121-1530-1a2b3c`
    """
    from api.funnel.feature_set import load_features
    from learn.models import rollback, shelf_of
    from stack.settings import load_settings

    settings = load_settings()
    shelf, features = shelf_of(settings.published, kind.value, shadow), load_features(settings.mappings_dir, kind.value)
    was, now = rollback(shelf, version)
    typer.echo(f"{shelf.name}: {now} is current, {was or 'nothing'} was")
    if (its := shelf.get(now).about.get("feature_set")) != features.hash:
        typer.echo(
            f"It is of feature set {its}, in use is {features.hash}: searches refuse it and keep what they have",
            err=True,
        )


@models_app.command("compare")
def compare_command(
    first: Annotated[str, typer.Argument(help="A version, or a folder that `souk train` wrote.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    features: Annotated[Path, typer.Option(help="A feature log with judged queries.")],
    judgments: Annotated[list[Path] | None, typer.Option(help="The judgments of the log. Repeatable.")] = None,
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")] = JudgmentFormat.AUTO,
    shown: Annotated[int, typer.Option(min=0, help="Queries that are shown, those that differ most.")] = 10,
) -> None:
    """Score the same candidates with two models: figures, significance, and the queries that differ most.

    On the queries that a model was trained on, its figures flatter it.

    Example: `souk model compare 20261121-1530-1a2b3c model --features features.parquet`
    """
    from rich.console import Console
    from rich.table import Table

    from learn.frame import read_frame
    from learn.judgments import read_judgments
    from learn.measures import COLUMNS, means
    from learn.models import compare_models, find_model
    from learn.report import describe
    from learn.train.data import read_log
    from stack.settings import load_settings

    rated = read_judgments(judgments, form.value) if judgments else None
    log = read_log(read_frame(features), rated, features.name)
    root = load_settings().published
    models = [find_model(root, log.frame.kind, name) for name in (first, second)]
    values, comparison = compare_models(log, *models)
    console = Console()
    table = Table("model", *COLUMNS, box=None)
    for name, found in zip((first, second), values, strict=True):
        table.add_row(name, *(f"{means(found)[column]:.4f}" for column in COLUMNS))
    console.print(table)
    console.print(describe(comparison, first, second), highlight=False)
    ours, theirs = (found["nDCG@10"] for found in values)
    queries = Table("query", first, second, box=None)
    for query in sorted(ours, key=lambda query: -abs(ours[query] - theirs[query]))[:shown]:
        queries.add_row(query, f"{ours[query]:.3f}", f"{theirs[query]:.3f}")
    console.print(queries)


def _publish_to_plugin(settings: Settings, published: Published) -> str | None:
    """The model's name in the plugin; None where there is no plugin, or no cluster: it serves without."""
    from api.funnel.feature_set import load_features
    from learn.ltr_plugin import publish
    from stack.capabilities import read_capabilities
    from stack.client import connect
    from stack.errors import EngineUnavailableError

    try:
        with connect(settings) as client:
            if not read_capabilities(client).ltr:
                return None
            features = load_features(settings.mappings_dir, published.model.kind)
            return publish(client, features, published.model, published.content)
    except EngineUnavailableError as error:
        typer.echo(f"Not in the learning-to-rank plugin: {error}", err=True)
        return None


def _figure(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "–"

"""`souk train encoder`: the options, and the road from documents to a folder that SOUK_MODEL names."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat, TypeName
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from learn.encoder.plan import Material, Planned
    from learn.encoder.rules import EncoderRules
    from learn.judgments import Judgments
    from learn.rankers import Advance
    from stack.documents import Kind
    from stack.settings import Settings


def encoder_command(
    out: Annotated[Path, typer.Option(help="Folder for the model; with --folds, for one folder a fold.")],
    catalogue: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="JSON Lines with Souk's own fields. Repeatable. Default: the index."),
    ] = None,
    kind: Annotated[TypeName, typer.Option("--type", help="The type of the documents.")] = TypeName.PRODUCT,
    judgments: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Judgments to learn from too. Repeatable: merged.")
    ] = None,
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Of judgments; auto: told by the file.")] = (
        JudgmentFormat.AUTO
    ),
    folds: Annotated[
        int | None, typer.Option(min=2, help="Train so many models, each without its fold's queries.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of the training. Default: encoder.yml.")] = None,
    epochs: Annotated[
        float | None, typer.Option(min=0.001, help="In place of --steps: passes over the documents.")
    ] = None,
    measure: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Judgments to measure base and tuned on, by exact search. Repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same batches.")] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be learned, and for how long.")] = False,
) -> None:
    """Fine-tune the encoder of SOUK_MODEL on titles, phrases of titles and, if given, judgments.

    A killed run goes on where it was: give the same command again. The folder that comes out is used by SOUK_MODEL, on
    indexes made anew with it: another model's vectors are never mixed in. Numbers that are not given stand in
    mappings/ranking/encoder.yml; what to expect, in docs/decisions/encoder-tuning.md.

    Examples: `souk train encoder --out models/shop --dry-run`,
    `souk train encoder --catalogue products.jsonl --steps 100 --out models/shop`,
    `souk train encoder --judgments rated.csv --folds 5 --measure rated.csv --out models/nested`
    """
    from learn.encoder.rules import load_encoder_rules
    from stack.settings import load_settings

    _check_options(judgments, folds, steps, epochs)
    settings = load_settings()
    taught, measured = _read(judgments, form), _read(measure, form)
    material = _material(catalogue, kind.value, taught, settings)
    rules = _rules(load_encoder_rules(settings.mappings_dir), steps, epochs, material)
    planned = _plan(material, rules, settings, out, folds, seed, measured)
    _tell(material, planned)
    if dry_run:
        _estimate(planned)
        return
    _train(planned, settings, material)
    if measured is not None:
        _measure(measured, planned, settings, material, kind.value, indexed=catalogue is None)
    _next_step(planned)


def _check_options(judgments: list[Path] | None, folds: int | None, steps: int | None, epochs: float | None) -> None:
    mistakes = []
    if folds is not None and not judgments:
        mistakes.append(Mistake("--folds", "there are no queries to fold without --judgments"))
    if steps is not None and epochs is not None:
        mistakes.append(Mistake("--epochs", "is another way to say --steps, give one of them"))
    if mistakes:
        raise InputError(mistakes)


def _read(files: list[Path] | None, form: JudgmentFormat) -> Judgments | None:
    from learn.judgments import read_judgments

    return read_judgments(files, form.value) if files else None


def _material(catalogue: list[Path] | None, kind: Kind, taught: Judgments | None, settings: Settings) -> Material:
    from learn.encoder.catalogue import from_files, from_index
    from learn.encoder.lexical import lexical_run
    from learn.encoder.plan import Material
    from stack.client import connect

    if catalogue:
        return Material(from_files(catalogue, kind), taught)
    with connect(settings) as client:
        documents = from_index(client, settings.alias(kind), kind)
    without_zero = [] if taught is None else [q for q, rated in taught.ratings.items() if 0 not in rated.values()]
    found = asyncio.run(lexical_run(settings, without_zero, kind, depth=50)) if without_zero else {}
    return Material(documents, taught, {query: [doc for doc, _ in row] for query, row in found.items()})


def _rules(rules: EncoderRules, steps: int | None, epochs: float | None, material: Material) -> EncoderRules:
    from learn.encoder.plan import steps_for

    if epochs is not None:
        steps = steps_for(epochs, len(material.documents), rules.batch)
    return rules.model_copy(update={"steps": steps}) if steps is not None else rules


def _plan(
    material: Material,
    rules: EncoderRules,
    settings: Settings,
    out: Path,
    folds: int | None,
    seed: int,
    measured: Judgments | None,
) -> list[Planned]:
    from learn.encoder.plan import check_measured, plan_jobs

    if measured is not None:
        check_measured(measured, material.judgments, folds)
    planned = plan_jobs(material, rules, settings, out, folds, seed)
    there = [each.out for each in planned if each.out.exists() and not each.is_done]
    if there:
        raise InputError([Mistake("--out", f"{there[0]} is there already")], "Name another folder, or delete it")
    return planned


def _tell(material: Material, planned: list[Planned]) -> None:
    from collections import Counter

    from rich.console import Console

    console = Console()
    for each in planned:
        counts = Counter(pair.family for pair in each.job.pairs)
        made = ", ".join(f"{count:,} {family}" for family, count in counts.items())
        rules = each.job.rules
        without = f", without {len(each.held_out)} queries" if each.held_out else ""
        line = f"{each.out}: {made} pairs of {len(material.documents):,} documents{without}; "
        console.print(f"{line}{rules.steps} steps of {rules.batch}", highlight=False, soft_wrap=True)
    if unknown := material.unknown:
        shown = ", ".join(unknown[:5])
        console.print(f"{len(unknown)} judged documents are not in the catalogue: {shown} …", highlight=False)


def _estimate(planned: list[Planned]) -> None:
    from learn.encoder.train import seconds_a_step

    seconds = seconds_a_step(planned[0].job) * planned[0].job.rules.steps * len(planned)
    typer.echo(
        f"Nothing was trained. It would take some {max(1, round(seconds / 60))} min on this machine as it is now."
    )


def _train(planned: list[Planned], settings: Settings, material: Material) -> None:
    from learn.encoder.plan import about
    from learn.encoder.train import train
    from learn.progress import bars

    def train_one(each: Planned, advance: Advance) -> float:
        label, total = f"training {each.out.name}", each.job.rules.steps
        return train(each.job, each.out, about(each, settings, material), lambda done, _: advance(label, done, total))

    for each in planned:
        if each.is_done:
            typer.echo(f"{each.out} is there already, from this very training")
            continue
        with bars() as advance:
            loss = train_one(each, advance)
        typer.echo(f"Written to {each.out}: loss {loss:.3f} over the last steps")


def _measure(
    measured: Judgments,
    planned: list[Planned],
    settings: Settings,
    material: Material,
    kind: Kind,
    indexed: bool,
) -> None:
    from rich.console import Console

    from learn.encoder.evaluate import DEPTH
    from learn.encoder.lexical import lexical_run
    from learn.encoder.report import Measuring, comparisons, measure_all, table
    from learn.progress import bars
    from stack.rules import load_rules

    lexical = asyncio.run(lexical_run(settings, measured.queries, kind, DEPTH)) if indexed else None
    measuring = Measuring(material.documents, measured, lexical, load_rules(settings.mappings_dir), kind)
    with bars() as advance:
        base, tuned = measure_all(measuring, planned, settings, advance)
    console = Console()
    console.print(table(base, tuned))
    for line in comparisons(base, tuned):
        console.print(line, highlight=False)


def _next_step(planned: list[Planned]) -> None:
    if len(planned) == 1:
        typer.echo(
            f"Next: SOUK_MODEL={planned[0].out.resolve()} with indexes of their own (another SOUK_INDEX_PREFIX): "
            "souk apply, souk ingest, souk eval"
        )

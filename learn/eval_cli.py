"""`souk eval`, `souk eval checks`, `souk eval report`: how good a ranker is, in figures and by behaviour."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.options import JudgmentFormat, RankerName, TypeName

if TYPE_CHECKING:
    from rich.table import Table

    from learn.evaluate import Result
    from learn.judgments import Judgments

eval_app = typer.Typer()

Files = Annotated[list[Path], typer.Option("--judgments", help="File of judgments, plain or gzip. Repeatable: merged.")]
Form = Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")]
Locale = Annotated[str | None, typer.Option(help="ESCI: only this product_locale (us, es, jp).")]
Split = Annotated[str | None, typer.Option(help="ESCI: only this split (train, test).")]
SkipUnrated = Annotated[
    bool, typer.Option("--skip-unrated", help="Pass over rows with an empty rating, and count them.")
]
KindOption = Annotated[TypeName, typer.Option("--type", help="The type of the judged documents.")]
Without = Annotated[
    list[str] | None,
    typer.Option(help="A part to switch off, or a recall route (route:vector). Repeatable."),
]
CrossValidate = Annotated[
    bool, typer.Option("--cross-validate", help="Judge each query by a model that was not trained on it.")
]
Trials = Annotated[
    int | None, typer.Option(min=0, help="Of cross-validation: sets of parameters tried. Default: training.yml.")
]
Ranker_ = Annotated[RankerName, typer.Option(help="full: whatever a live request gets.")]


@eval_app.callback(invoke_without_command=True)
def evaluate_command(
    context: typer.Context,
    judgments: Annotated[
        list[Path] | None, typer.Option(help="File of judgments, plain or gzip. Repeatable: merged.")
    ] = None,
    form: Form = JudgmentFormat.AUTO,
    ranker: Ranker_ = RankerName.FULL,
    kind: KindOption = TypeName.PRODUCT,
    compare: Annotated[RankerName | None, typer.Option(help="A second ranker, compared query by query.")] = None,
    compare_run: Annotated[Path | None, typer.Option(help="A TREC run to compare with, in place of --compare.")] = None,
    without: Without = None,
    routes: Annotated[bool, typer.Option("--routes", help="What each recall route brings, alone and only it.")] = False,
    ablate: Annotated[bool, typer.Option("--ablate", help="The full ranker without each part in turn.")] = False,
    cross_validate: CrossValidate = False,
    trials: Trials = None,
    run: Annotated[Path | None, typer.Option(help="Write the ranking as a TREC run.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a report: Markdown, or JSON when named .json.")] = None,
    per_query: Annotated[bool, typer.Option("--per-query", help="Print each query, worst first.")] = False,
    locale: Locale = None,
    split: Split = None,
    skip_unrated: SkipUnrated = False,
) -> None:
    """Measure a ranker on judgments, through the production query path.

    Examples: `souk eval --judgments rated.csv --ranker hybrid --compare bm25 --report report.md`,
    `souk eval --judgments a.csv.gz --judgments b.csv.gz --routes --ablate`,
    `souk eval --judgments WANDS/dataset --format wands`,
    `souk eval --judgments shopping_queries_dataset_examples.parquet --format esci --locale us --split test`
    """
    if context.invoked_subcommand is not None:
        return
    if not judgments:
        raise typer.BadParameter("name a file of judgments, or a command", context, param_hint="'--judgments'")
    from learn.evaluate import Extras, evaluate, write_run
    from learn.live_folds import live_folds
    from learn.progress import bars
    from learn.rankers import Ranker, Setup, check_switches
    from learn.report import write_report
    from learn.runs import read_run
    from stack.settings import load_settings

    read = _read(judgments, form, locale, split, skip_unrated)
    setup = Setup(Ranker(ranker.value), check_switches(without or ()))
    if compare and compare_run:
        raise typer.BadParameter("one comparison at a time", context, param_hint="'--compare-run'")
    other = read_run(compare_run) if compare_run else Ranker(compare.value) if compare else None
    settings = load_settings()
    with bars() as advance:
        folds = live_folds(settings.mappings_dir, advance, trials) if cross_validate else None
        extras = Extras(routes, ablate, folds)
        result = asyncio.run(evaluate(settings, read, setup, other, kind.value, extras, advance))
    _print(result, per_query)
    if run:
        write_run(result.evaluation, run, read.queries)
        typer.echo(f"Run written to {run}")
    if report:
        write_report(result, report)
        typer.echo(f"Report written to {report}")


@eval_app.command("checks")
def checks_command(
    cases: Annotated[int, typer.Option(min=1, max=500, help="Cases of each check.")] = 30,
    ranker: Ranker_ = RankerName.FULL,
    without: Without = None,
    compare: Annotated[
        RankerName | None, typer.Option(help="The ranker beside it; none: --no-compare.")
    ] = RankerName.HYBRID,
    alone: Annotated[bool, typer.Option("--no-compare", help="Only the one ranker.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A check by name. Repeatable.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed and same documents, same cases.")] = 7,
    examples: Annotated[int, typer.Option(min=0, help="Failures of each check that are shown.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: rates and all failures.")] = False,
) -> None:
    """Check how a ranker behaves: typos, plurals, units, model numbers, negation … on cases made from the index itself.

    In the manner of CheckList (Ribeiro et al. 2020): what must not change (INV), what must move one way (DIR), what
    must simply work (MFT). Each gives the rate at which it holds.

    Examples: `souk eval checks`, `souk eval checks --cases 100 --without spelling --compare full`,
    `souk eval checks --only typo --examples 5`
    """
    import json

    from learn.checks import CHECKS, check_names, run_checks
    from learn.checks.table import as_lines, checks_table
    from learn.progress import bars
    from learn.rankers import Ranker, Setup, check_switches
    from stack.settings import load_settings

    names = check_names(only or ())
    chosen = [check for check in CHECKS if check.name in names]
    setups = [Setup(Ranker(ranker.value), check_switches(without or ()))]
    if compare and not alone:
        setups.insert(0, Setup(Ranker(compare.value)))
    with bars() as advance:
        report = asyncio.run(run_checks(load_settings(), chosen, setups, cases, seed, advance))
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        return
    _console_print(checks_table(report))
    for line in as_lines(report, examples):
        typer.echo(line)


@eval_app.command("report")
def report_command(
    judgments: Files,
    out: Annotated[Path, typer.Option(help="The HTML file.")],
    form: Form = JudgmentFormat.AUTO,
    ranker: Ranker_ = RankerName.FULL,
    kind: KindOption = TypeName.PRODUCT,
    cases: Annotated[int, typer.Option(min=1, max=500, help="Cases of each behavioural check.")] = 30,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the ablation and the behavioural checks.")] = False,
    cross_validate: CrossValidate = False,
    trials: Trials = None,
    locale: Locale = None,
    split: Split = None,
    skip_unrated: SkipUnrated = False,
) -> None:
    """Write one HTML page for a human: figures with intervals, plots, routes, ablation, checks, the worst queries.

    The page needs no network and no scripts.

    Examples: `souk eval report --judgments rated.csv --out report.html`,
    `souk eval report --judgments a.csv.gz --judgments b.csv.gz --out report.html --quick`
    """
    from learn.html_report import write_page
    from learn.live_folds import live_folds
    from learn.page import gather
    from learn.progress import bars
    from learn.rankers import Ranker
    from stack.settings import load_settings

    read = _read(judgments, form, locale, split, skip_unrated)
    settings = load_settings()
    with bars() as advance:
        folds = live_folds(settings.mappings_dir, advance, trials) if cross_validate else None
        page = asyncio.run(
            gather(
                settings,
                read,
                Ranker(ranker.value),
                kind.value,
                datetime.now(UTC),
                0 if quick else cases,
                folds,
                advance,
            )
        )
    write_page(page, out)
    typer.echo(f"Report written to {out}")


def _read(
    files: list[Path], form: JudgmentFormat, locale: str | None, split: str | None, skip_unrated: bool
) -> Judgments:
    from learn.judgments import read_judgments

    return read_judgments(files, form.value, locale=locale, split=split, skip_unrated=skip_unrated)


def _print(result: Result, per_query: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from learn.measures import COLUMNS, means
    from learn.report import ablation_table, describe, evaluations, notes, route_table

    console = Console()
    for note in notes(result):
        console.print(note, highlight=False)
    table = Table(box=None)
    table.add_column("ranker")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for each in evaluations(result):
        table.add_row(str(each.ranker), *(f"{means(each.values)[name]:.4f}" for name in COLUMNS))
    if per_query:
        values = result.evaluation.values
        for query in sorted(result.judgments.answerable, key=lambda query: values["nDCG@10"][query]):
            table.add_row(query, *(f"{values[name][query]:.3f}" for name in COLUMNS))
    _console_print(table)
    if result.comparison and result.other:
        console.print(describe(result.comparison, str(result.evaluation.ranker), str(result.other.ranker)))
    if result.routes:
        _console_print(as_table("Recall routes", *route_table(result.routes)))
    if result.ablation:
        _console_print(as_table("Ablation", *ablation_table(result.ablation)))


def as_table(title: str, head: list[str], rows: list[list[str]]) -> Table:
    """Head and rows as a table of the terminal, numbers to the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None)
    for place, name in enumerate(head):
        table.add_column(name, justify="left" if place in (0, len(head) - 1) else "right")
    for row in rows:
        table.add_row(*row)
    return table


def _console_print(table: Table) -> None:
    """A table as wide as it is when it goes to a file, so that nothing is cut off there."""
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 200).print(table)

"""Commands of offline work: `souk eval`, `souk market`."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn.market.cli import market_app

if TYPE_CHECKING:
    from learn.evaluate import Result


class JudgmentFormat(StrEnum):
    """Formats of judgment files."""

    AUTO = "auto"
    CHORUS = "chorus"
    TREC = "trec"


class RankerName(StrEnum):
    """The rankers, named here so that `souk --help` need not load the search."""

    BM25 = "bm25"
    VECTOR = "vector"
    HYBRID = "hybrid"
    FULL = "full"


class TypeName(StrEnum):
    """Document types."""

    PRODUCT = "product"
    VIDEO = "video"
    LIVE = "live"


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    app.command("eval")(evaluate_command)
    app.add_typer(market_app, name="market")


def evaluate_command(
    judgments: Annotated[list[Path], typer.Option(help="File of judgments, plain or gzip. Repeatable: merged.")],
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the first line when auto.")] = (
        JudgmentFormat.AUTO
    ),
    ranker: Annotated[RankerName, typer.Option(help="full: whatever a live request gets.")] = RankerName.FULL,
    kind: Annotated[TypeName, typer.Option("--type", help="The type of the judged documents.")] = TypeName.PRODUCT,
    compare: Annotated[RankerName | None, typer.Option(help="A second ranker, compared query by query.")] = None,
    run: Annotated[Path | None, typer.Option(help="Write the ranking as a TREC run.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a report: Markdown, or JSON when named .json.")] = None,
    per_query: Annotated[bool, typer.Option("--per-query", help="Print each query, worst first.")] = False,
) -> None:
    """Measure a ranker on judgments, through the production query path.

    Examples: `souk eval --judgments rated.csv --ranker hybrid --compare bm25 --report report.md`,
    `souk eval --judgments a.csv.gz --judgments b.csv.gz --run run.trec`
    """
    from learn.evaluate import evaluate, write_run
    from learn.judgments import read_judgments
    from learn.rankers import Ranker
    from learn.report import write_report
    from stack.settings import load_settings

    read = read_judgments(judgments, form.value)
    other = Ranker(compare.value) if compare else None
    result = asyncio.run(evaluate(load_settings(), read, Ranker(ranker.value), other, kind.value))
    _print(result, per_query)
    if run:
        write_run(result.evaluation, run, read.queries)
        typer.echo(f"Run written to {run}")
    if report:
        write_report(result, report)
        typer.echo(f"Report written to {report}")


def _print(result: Result, per_query: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from learn.measures import COLUMNS, means
    from learn.report import describe, evaluations, notes

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
    console.print(table)
    if result.comparison and result.other:
        console.print(describe(result.comparison, str(result.evaluation.ranker), str(result.other.ranker)))

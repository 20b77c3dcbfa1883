"""The checks as a table of the terminal, and their failures as lines."""

from __future__ import annotations

from rich.table import Table

from learn.checks.model import ChecksReport, Rate


def percent(share: float | None) -> str:
    """`97%`; a dash where nothing was counted."""
    return "–" if share is None else f"{share:.0%}"


def cell(rate: Rate) -> str:
    """`29/30  97%`."""
    return f"{rate.held}/{rate.cases} {percent(rate.share):>5}" if rate.cases else "no cases"


def checks_table(report: ChecksReport) -> Table:
    """A row a check, a column a ranker, the mean below."""
    title = f"Behavioural checks, cases from {report.documents} documents, seed {report.seed}"
    table = Table("check", "kind", "what must hold", title=title, title_justify="left", box=None)
    for ranker in report.rankers:
        table.add_column(ranker, justify="right")
    for check, rates in report.rates:
        table.add_row(check.name, check.kind, check.says, *map(cell, rates))
    table.add_row("mean", "", "", *(percent(report.mean(place)) for place in range(len(report.rankers))))
    return table


def as_lines(report: ChecksReport, examples: int) -> list[str]:
    """Some failures of the last ranker, by check."""
    lines = []
    for check, rates in report.rates:
        for failure in rates[-1].failures[:examples]:
            lines.append(f"{check.name}: {' → '.join(failure.queries)}: {failure.seen}")
    return lines

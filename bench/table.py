"""The table of ratios: its rows, and the same as Markdown and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bench.machine import Machine

HEADER = (
    "what",
    "ours p50 / p99",
    "baseline",
    "its p50 / p99",
    "samples (warm-up)",
    "measured",
    "target",
    "met",
)
Cell = str | int | float
# The bare model's threads spin while they wait, ours do not: on a machine that others use it loses more than we do.
BUSY = ": **others were working**, which flatters what is measured against the bare model; repeat it on a quiet machine"


@dataclass(frozen=True)
class Figure:
    """One side of a row, for information. `p99` is None where there are too few samples for one."""

    what: str
    unit: str
    p50: float
    samples: int
    p99: float | None = None
    warm_up: int = 0


@dataclass(frozen=True)
class Target:
    """What the design asks of the measured value."""

    sense: Literal["≤", "≥"]
    limit: float

    def met_by(self, value: float) -> bool:
        """Does the value reach the target? NaN never does."""
        return value <= self.limit if self.sense == "≤" else value >= self.limit


@dataclass(frozen=True)
class Row:
    """One measured value against its target. `unit` × is a ratio of ours to the baseline."""

    what: str
    ours: Figure
    baseline: Figure | None
    value: float
    unit: str
    target: Target | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None for a value without a target."""
        return None if self.target is None else self.target.met_by(self.value)


@dataclass(frozen=True)
class Extra:
    """A further table, of a setting that was chosen by measurement."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass
class Result:
    """What one group of rows gives."""

    rows: list[Row]
    extras: list[Extra] = field(default_factory=list)


@dataclass
class Report:
    """The whole run. `failures` names the groups that could not be measured, with the reason."""

    machine: Machine
    rows: list[Row] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Append the rows and tables of a group."""
        self.rows += result.rows
        self.extras += result.extras

    def as_dict(self) -> dict[str, Any]:
        """For JSON. A value that is not a number there (NaN) is None."""
        rows = [asdict(row) | {"value": _finite(row.value), "met": row.met} for row in self.rows]
        extras = [asdict(extra) for extra in self.extras]
        return {"machine": asdict(self.machine), "rows": rows, "tables": extras, "failures": self.failures}

    def markdown(self) -> str:
        """The report as Markdown, its columns aligned so that it reads as plain text too."""
        parts = [f"# Bench, {self.machine.date}", _facts(self.machine)]
        if self.rows:
            parts.append(markdown_table(HEADER, [_cells(row) for row in self.rows]))
        notes = [f"- {row.what}: {row.note}" for row in self.rows if row.note]
        notes += [f"- **{group} was not measured**: {reason}" for group, reason in self.failures.items()]
        if notes:
            parts.append("\n".join(notes))
        for extra in self.extras:
            cells = [[_cell(cell) for cell in row] for row in extra.rows]
            parts += [f"## {extra.title}", markdown_table(extra.header, cells)]
        return "\n\n".join(parts) + "\n"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a `|` in a cell is escaped, each column is as wide as its widest cell."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def number(value: float) -> str:
    """Three significant digits, without an exponent: 0.00123, 0.985, 12.3, 1,234."""
    if not math.isfinite(value):
        return "–"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{2 - math.floor(math.log10(abs(value)))}f}"


def with_unit(value: float, unit: str) -> str:
    """`2.50 ms`, `5.10×`; without a unit (a share) `0.9853`, for its last digits are what a target asks about."""
    if not unit:
        return f"{value:.4f}" if math.isfinite(value) else "–"
    return f"{number(value)}×" if unit == "×" else f"{number(value)} {unit}".strip()


def _cells(row: Row) -> list[str]:
    samples = f"{row.ours.samples:,} ({row.ours.warm_up:,})" if row.ours.warm_up else f"{row.ours.samples:,}"
    target = f"{row.target.sense} {_limit(row.target.limit, row.unit)}" if row.target else "–"
    met = {True: "yes", False: "no", None: "–"}[row.met]
    baseline, figures = (row.baseline.what, _figures(row.baseline)) if row.baseline else ("–", "–")
    return [row.what, _figures(row.ours), baseline, figures, samples, with_unit(row.value, row.unit), target, met]


def _limit(limit: float, unit: str) -> str:
    return f"{limit:g}×" if unit == "×" else f"{limit:,g} {unit}".strip()


def _figures(figure: Figure) -> str:
    p99 = f" / {number(figure.p99)}" if figure.p99 is not None else ""
    return f"{number(figure.p50)}{p99} {figure.unit}".strip()


def _cell(cell: Cell) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _facts(machine: Machine) -> str:
    counts = ", ".join(f"{count:,} {kind}s" for kind, count in machine.documents.items())
    return "\n".join(
        [
            f"- {machine.cpu}, {machine.cores} cores, {machine.memory_gb:g} GB, {machine.system}",
            f"- Python {machine.python}, OpenSearch {machine.opensearch}, heap {machine.heap_gb:g} GB",
            f"- load average {machine.load:g} at the start{BUSY if machine.busy else ''}",
            f"- catalogue {machine.catalogue}: {counts}",
        ]
    )

"""A comparison in the terminal: two columns, what moved and why; JSON Lines for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import orjson
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from api.compare.model import Comparison, Moved, Side
from api.explain import ordinal

STYLES = {"▲": "green", "▼": "yellow", "n": "bold green", "g": "red", "=": "dim"}


def print_json_lines(comparisons: Sequence[Comparison]) -> None:
    """One comparison a line."""
    for comparison in comparisons:
        sys.stdout.buffer.write(orjson.dumps(comparison.model_dump(mode="json")) + b"\n")
    sys.stdout.buffer.flush()


def print_comparison(comparison: Comparison, console: Console, reasons: int) -> None:
    """The two columns, how alike they are, and why the first `reasons` moves happened."""
    console.print(_columns(comparison))
    console.print(Text(alike(comparison), style="dim"))
    for side in (comparison.a, comparison.b):
        if said := about(side):
            console.print(Text(f"{side.label}: {said}", style="dim"))
    moved = [hit for hit in comparison.hits if hit.why][:reasons]
    for hit in moved:
        line = Text(f"{hit.move:>5} ", STYLES.get(hit.move[0], ""))
        line.append(f"{whereabouts(hit)} {hit.title}\n", "bold")
        line.append(f"      {hit.why}", "")
        console.print(line)


def print_queries(comparisons: Sequence[Comparison], console: Console) -> None:
    """One line a query, in the order given."""
    table = Table("Query", *(Column(name, justify="right") for name in ("overlap", "RBO", "τ")), "Moves most", box=None)
    for each in comparisons:
        most = next((f"{hit.move} {hit.title}" for hit in each.hits if hit.move != "="), "nothing")
        figures = (f"{each.overlap:.0%}", f"{each.rbo:.2f}", "–" if each.tau is None else f"{each.tau:.2f}")
        table.add_row(Text(each.q), *figures, Text(most, overflow="ellipsis", no_wrap=True))
    console.print(table)


def _columns(comparison: Comparison) -> Table:
    table = Table(
        Column("", justify="right"),
        Column(comparison.a.label, ratio=1),
        Column("now", justify="right"),
        Column("", justify="right"),
        Column(comparison.b.label, ratio=1),
        title=Text(comparison.q or "(no words)"),
        title_justify="left",
        expand=True,
        box=None,
        pad_edge=False,
    )
    left, right = comparison.column("a"), comparison.column("b")
    for place in range(max(len(left), len(right))):
        mine = left[place] if place < len(left) else None
        other = right[place] if place < len(right) else None
        table.add_row(
            str(place + 1),
            _title(mine),
            Text("" if mine is None else _now(mine)),
            Text("" if other is None else other.move, "" if other is None else STYLES.get(other.move[0], "")),
            _title(other),
        )
    return table


def _title(hit: Moved | None) -> Text:
    return Text(hit.title if hit else "", overflow="ellipsis", no_wrap=True)


def _now(hit: Moved) -> str:
    """Where the second ranker has it: `→ 4`, or `gone`."""
    return "gone" if hit.b is None else f"→ {hit.b}"


def whereabouts(hit: Moved) -> str:
    """`7th → 2nd`; a dash where a row does not have it."""
    return " → ".join("–" if place is None else ordinal(place) for place in (hit.a, hit.b))


def alike(comparison: Comparison) -> str:
    """`overlap@10 60%, RBO 0.72, τ 0.47`"""
    tau = "" if comparison.tau is None else f", τ {comparison.tau:.2f} over those that both show"
    return f"overlap@{comparison.size} {comparison.overlap:.0%}, RBO {comparison.rbo:.2f}{tau}"


def about(side: Side) -> str:
    """What a side made of the words and what ranked it; empty when it took them as they are and no model ranked."""
    corrected = [f"{old} read as {new}" for old, new in side.corrections.items()]
    parts = [f"searched for “{side.text}”"] if corrected or side.dropped else []
    parts += corrected
    parts += [f"left out {', '.join(side.dropped)}"] * bool(side.dropped)
    parts += [f"ranked by model {side.model}"] if side.model else []
    parts += [f"dropped {', '.join(side.degraded)} to keep the deadline"] * bool(side.degraded)
    return "; ".join(parts)

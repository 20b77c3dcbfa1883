"""An answer in the terminal: a table for people, JSON Lines for programs."""

from __future__ import annotations

import sys
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from api.http.formats import Formats, milliseconds, score
from api.http.highlights import for_json
from api.http.i18n import english
from api.model import Answer, Hit

FORMATS = Formats(english())
STYLES = {"product": "green", "video": "blue", "live": "red"}


def print_json_lines(answer: Answer) -> None:
    """One hit a line, as the JSON API gives it."""
    for hit in for_json(answer).hits:
        sys.stdout.buffer.write(orjson.dumps(hit.model_dump(mode="json")) + b"\n")
    sys.stdout.buffer.flush()


def print_table(answer: Answer, console: Console | None = None) -> None:
    """The mixed row as a table, with the totals and the time under it."""
    table = Table("Type", "Title", "Price or maker", Column("Score", justify="right"), "Id", box=None, pad_edge=False)
    for hit in answer.hits:
        title = Text(str(hit.document.get("title", "")), overflow="ellipsis", no_wrap=True)
        style = STYLES[hit.type]
        table.add_row(f"[{style}]{hit.type}[/]", title, Text(_summary(hit)), score(hit.score), Text(hit.id))
    out = console or Console()
    for line in understood_lines(answer):
        out.print(Text(line, style="dim"))
    if answer.hits:
        out.print(table)
    for hit in answer.hits:
        if hit.explanation:
            out.print(Text(f"{hit.position}. {hit.explanation.summary}", style="dim"))
    out.print(Text(_totals(answer), style="dim"))


def understood_lines(answer: Answer) -> list[str]:
    """What was made of the words, when it is not what was typed."""
    seen, lines = answer.query, []
    if changed := [f"{each['from']} → {each['to']}" for each in seen.get("corrections", ())]:
        lines.append(f"Searched with {', '.join(changed)} (as typed: --without spelling)")
    if excluded := seen.get("excluded"):
        lines.append(f"Without {', '.join(excluded)}")
    if relaxed := seen.get("relaxed"):
        lines.append(f"Nothing has all of the words: left out {', '.join(relaxed['dropped'])}")
    return lines


def print_stages(answer: Answer, console: Console | None = None) -> None:
    """The stages with their times and candidates, on standard error."""
    table = Table(
        "Stage",
        Column("Time", justify="right"),
        Column("In", justify="right"),
        Column("Out", justify="right"),
        "Note",
        box=None,
    )
    for stage in answer.stages:
        counts = ("" if n is None else str(n) for n in (stage.candidates_in, stage.candidates_out))
        table.add_row(stage.name, milliseconds(stage.took_ms), *counts, escape(stage.note))
    (console or Console(stderr=True)).print(table)


def _summary(hit: Hit) -> str:
    document = hit.document
    if hit.type == "product":
        price = document.get("price")
        return "" if price is None else FORMATS.money(price, document.get("currency"))
    if hit.type == "video":
        return _joined(document.get("creator_name"), document.get("views"), "views")
    if document.get("status") == "scheduled" and document.get("scheduled_at"):
        return f"{document.get('host_name') or ''} · {FORMATS.moment(document['scheduled_at'])}".removeprefix(" · ")
    return _joined(document.get("host_name"), document.get("viewers"), "watching")


def _joined(name: Any, count: Any, unit: str) -> str:
    counted = [] if count is None else [f"{FORMATS.compact(count)} {unit}"]
    return " · ".join([*([str(name)] if name else []), *counted])


def _totals(answer: Answer) -> str:
    counts = [f"{total.value}{'' if total.exact else '+'} {kind}s" for kind, total in answer.totals.items()]
    dropped = f", without {', '.join(answer.degraded)}" if answer.degraded else ""
    return f"{', '.join(counts)} in {milliseconds(answer.took_ms)} ({answer.mode}{dropped})"

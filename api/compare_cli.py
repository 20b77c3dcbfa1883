"""`souk compare`: two rankers side by side, with what moved and why."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stack.errors import InputError, Mistake
from stack.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.compare.model import CompareRequest, Comparison

NAMED = "bm25, vector, hybrid, full, model:<version>; with :-part,-part for what is switched off"


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=NAMED)],
    b: Annotated[str, typer.Argument(metavar="B", help="another")],
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="what to search for")] = None,
    queries: Annotated[
        Path | None, typer.Option(help="a file with a query a line; those that differ most come first")
    ] = None,
    type_: Annotated[str, typer.Option("--type", help="product, video or live")] = "product",
    size: Annotated[int, typer.Option(help="hits of each ranker")] = 10,
    shown: Annotated[int, typer.Option(min=0, help="of many queries, how many are shown in full")] = 3,
    reasons: Annotated[int, typer.Option(min=0, help="moves that are explained")] = 8,
    json: Annotated[bool, typer.Option("--json", help="one comparison a line as JSON")] = False,
) -> None:
    """Show two rankers side by side for a query: what moved, and why.

    Examples: `souk compare hybrid full laptop`, `souk compare full:-spelling full "wirless mouse"`,
    `souk compare model:20261121-153000-1a2b3c full laptop`, `souk compare bm25 full --queries queries.txt --shown 5`
    """
    asked = _asked(a, b, query, queries, type_, size)
    found = asyncio.run(_compare(asked, load_settings()))
    if queries:
        found.sort(key=lambda each: (each.rbo, each.q))
    _print(found, bool(queries), shown, reasons, json)


def _asked(a: str, b: str, query: str | None, queries: Path | None, type_: str, size: int) -> list[CompareRequest]:
    """One request a query. Raises InputError with every mistake, before anything is searched."""
    from api.compare.reading import read_compare

    if (query is None) == (queries is None):
        raise InputError([Mistake("QUERY", "give a query, or a file of queries with --queries")])
    words = [query or ""] if queries is None else _read(queries)
    rest = {"a": a, "b": b, "type": type_, "size": str(size)}
    return [read_compare([("q", each), *rest.items()]) for each in words]


def _read(file: Path) -> list[str]:
    """The queries of a file, each once. Raises InputError when it cannot be read or has none."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Mistake("--queries", f"{file}: {error}")]) from error
    if not (found := list(dict.fromkeys(filter(None, lines)))):
        raise InputError([Mistake("--queries", f"{file} holds no query")])
    return found


async def _compare(asked: Sequence[CompareRequest], settings: Settings) -> list[Comparison]:
    from api.bootstrap import build_searcher

    async with build_searcher(settings) as searcher:
        found = []
        with _progress(len(asked)) as advance:
            for each in asked:
                found.append(await searcher.compare(each))
                advance()
        return found


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, for more than one query and somebody who looks."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=total < 2 or not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("comparing", total=total)
        yield lambda: bar.advance(task)


def _print(found: list[Comparison], many: bool, shown: int, reasons: int, json: bool) -> None:
    from rich.console import Console

    from api.compare import terminal

    if json:
        terminal.print_json_lines(found)
        return
    console = Console(highlight=False)
    if many:
        terminal.print_queries(found, console)
    for each in found[:shown] if many else found:
        console.print()
        terminal.print_comparison(each, console, reasons)

"""`python -m bench`: measure, print the table, keep it under `bench/results/` as Markdown and JSON."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bench.bed import BARE, SEARCHED, WRITTEN, Bed
from bench.catalogue import find_catalogue
from bench.machine import describe
from bench.rows import GROUPS
from bench.table import Report
from stack import node
from stack.client import connect, engine_errors, engine_url
from stack.embedding import load_encoder
from stack.errors import ConfigError, InputError, Mistake, SoukError
from stack.settings import Settings, load_settings

RESULTS = Path(__file__).parent / "results"
console = Console(stderr=True)


def bench(
    docs: Annotated[int | None, typer.Option(min=1, help="At most so many documents of each kind.")] = None,
    only: Annotated[str, typer.Option(metavar="ROW,ROW", help=f"Of {', '.join(GROUPS)}.")] = "",
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help="Products, or a folder with products.*, videos.* and lives.* [default: the real data beside the "
            "project, else a generated market].",
            exists=True,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each query is asked.")] = 10,
) -> None:
    """Measure Souk against the bare engine and the bare model in one run, on indexes of its own (prefix `bench`)."""
    groups = chosen(only)
    with tempfile.TemporaryDirectory(prefix="souk-bench-") as name, _engine() as settings:
        folder = Path(name)
        found = find_catalogue(catalogue, folder)
        load_encoder(settings)  # exports the model where it was not yet: nobody is to be measured at that
        with connect(settings) as client, _progress() as progress:
            bed = Bed(settings, client, found, progress, folder, docs=docs, rounds=rounds)
            try:
                report = run(bed, groups)
                path = keep(report)
            finally:
                bed.clean()
    print(report.markdown())
    console.print(f"Kept as {path}.md and .json", highlight=False)
    raise typer.Exit(1 if report.failures else 0)


def chosen(only: str) -> list[str]:
    """`search,api` → the groups, in the order in which they run; all when empty. Raises InputError for unknown ones."""
    names = {name.strip() for name in only.split(",") if name.strip()}
    unknown = sorted(names - GROUPS.keys())
    if unknown:
        raise InputError([Mistake("--only", f"there is no row {name!r}", tuple(GROUPS)) for name in unknown])
    return [name for name in GROUPS if not names or name in names]


def run(bed: Bed, groups: list[str]) -> Report:
    """Measure group by group. One that fails is told in the report: the others are not lost with it."""
    load = os.getloadavg()[0]
    report = Report(describe(bed.client, bed.catalogue.name, {}, datetime.now(UTC), load))
    with bed.ticking("rows", len(groups)) as tick:
        for group in groups:
            try:
                with engine_errors():
                    report.add(GROUPS[group](bed))
                    report.machine.documents.update(bed.documents())
            except SoukError as error:
                report.failures[group] = str(error)
            tick()
    return report


def keep(report: Report) -> Path:
    """Write both files. Returns their path without its ending."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"bench-{report.machine.date.replace(':', '').replace('+0000', 'Z')}"
    path.with_suffix(".md").write_text(report.markdown(), encoding="utf-8")
    path.with_suffix(".json").write_bytes(orjson.dumps(report.as_dict(), option=orjson.OPT_INDENT_2))
    return path


@contextmanager
def _engine() -> Iterator[Settings]:
    """Settings that name the engine by its address; a local one is started where none runs, and stopped again."""
    settings = load_settings()
    if settings.index_prefix in (SEARCHED, WRITTEN, BARE):
        raise ConfigError(
            f"the index prefix {settings.index_prefix} is the bench's own, which deletes what is there",
            "Set SOUK_INDEX_PREFIX to another",
        )
    starts = settings.opensearch_url is None and node.read_state(settings) is None
    if starts:
        node.start(settings, say=lambda text: console.print(text, highlight=False))
    try:
        yield settings.model_copy(update={"opensearch_url": engine_url(settings)})
    finally:
        if starts:
            node.stop(settings, lambda text: console.print(text, highlight=False))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def main() -> None:
    """Run; an error a user can mend is one line with its remedy and exit code 2."""
    try:
        typer.run(bench)
    except SoukError as error:
        sys.exit(_told(error))


def _told(error: SoukError) -> int:
    sys.stderr.write(f"bench: {error}\n")
    return 2


if __name__ == "__main__":
    main()

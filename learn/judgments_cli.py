"""`souk judgments pool`: which results should be rated next."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from learn.options import JudgmentFormat, RankerName, TypeName

judgments_app = typer.Typer(help="Ratings of results: what is missing.", no_args_is_help=True)


@judgments_app.callback()
def judgments_callback() -> None:
    """Ratings of results: what is missing."""


@judgments_app.command("pool")
def pool_command(
    judgments: Annotated[list[Path], typer.Option(help="File of judgments, plain or gzip. Repeatable: merged.")],
    out: Annotated[Path, typer.Option(help="The CSV file to rate.")],
    ranker: Annotated[list[RankerName] | None, typer.Option(help="Repeatable. Default: full and hybrid.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=200, help="How far down each ranker is looked at.")] = 10,
    form: Annotated[JudgmentFormat, typer.Option("--format", help="Told by the file when auto.")] = JudgmentFormat.AUTO,
    kind: Annotated[TypeName, typer.Option("--type", help="The type of the judged documents.")] = TypeName.PRODUCT,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that holds ratings.")] = False,
) -> None:
    """Write the unjudged top results of rankers as CSV for rating, those first that the figures hang on most.

    Fill in the column `rating` (0 to 3, as in the other files; rows left empty wait) and give the file to `souk eval`
    beside the others: it reads as any Chorus or Quepid export.

    Examples: `souk judgments pool --judgments rated.csv --out unjudged.csv`,
    `souk judgments pool --judgments rated.csv --ranker full --ranker bm25 --depth 20 --out unjudged.csv`
    """
    from learn.judgments import read_judgments
    from learn.pool import make_pool, write_pool
    from learn.progress import bars
    from learn.rankers import Ranker
    from stack.settings import load_settings

    read = read_judgments(judgments, form.value)
    names = dict.fromkeys(ranker or (RankerName.FULL, RankerName.HYBRID))
    with bars() as advance:
        pool, items = asyncio.run(
            make_pool(load_settings(), read, [Ranker(name.value) for name in names], kind.value, depth, advance)
        )
    write_pool(pool, items, out, force)
    queries = len({each.query for each in pool})
    typer.echo(f"{len(pool)} unjudged results of {queries} queries written to {out}")

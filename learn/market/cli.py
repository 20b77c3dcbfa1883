"""`souk market generate`, `judgments`, `pulse`: a market of one's own to try everything with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from learn.market.generate import Market, Sizes, generate
from learn.market.write import existing, files_of, write
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from learn.market.judgments import Judged
    from stack.documents import Kind

market_app = typer.Typer(help="A generated market: products, videos and lives.", no_args_is_help=True)


@market_app.command("generate")
def generate_command(
    out: Annotated[Path, typer.Option(help="folder for the files")],
    seed: Annotated[int, typer.Option(help="same seed, same market")] = 7,
    products: Annotated[int, typer.Option(min=1)] = 2_000,
    videos: Annotated[int, typer.Option(min=0)] = 200,
    lives: Annotated[int, typer.Option(min=0)] = 40,
    force: Annotated[bool, typer.Option("--force", help="replace a market in that folder")] = False,
) -> None:
    """Write products.jsonl, videos.jsonl and lives.jsonl, and the hidden truth in truth/, deterministic by seed.

    Only the times of lives follow the clock: a room on air needs a fresh heartbeat to be believed.

    Example: `souk market generate --out market --seed 7 --products 500`
    """
    if (found := existing(out)) and not force:
        raise InputError(
            [Mistake("--out", f"{out} holds a market already ({found[0].name})")], "Add --force to replace it"
        )
    console = Console(stderr=True)
    sizes = Sizes(products, videos, lives)
    with _progress(console) as progress:
        bars = {kind: progress.add_task(kind, total=total) for kind, total in vars(sizes).items()}
        made = generate(
            seed, sizes, datetime.now(UTC), lambda kind, count: progress.update(bars[kind], completed=count)
        )
        writing = progress.add_task("writing", total=len(files_of(made, out)))
        write(made, out, lambda _path, _count: progress.advance(writing))
    Console().print(_summary(made, out))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _summary(made: Market, out: Path) -> Table:
    table = Table("file", "records", "what is in it", title=f"A market in {out}")
    brands = {record["brand"] for record in made.products}
    categories = {record["category"][0] for record in made.products}
    on_air = sum(record["status"] == "live" for record in made.lives)
    creators = {record["creator_id"] for record in made.videos}
    notes = {
        "products.jsonl": f"{len(categories)} categories, {len(brands)} brands",
        "videos.jsonl": f"{len(creators)} creators",
        "lives.jsonl": f"{on_air} on air",
    }
    for path, records in files_of(made, out).items():
        name = path.relative_to(out)
        table.add_row(str(name), f"{len(records):,}", notes.get(str(name), "hidden truth, for evaluation only"))
    return table


@market_app.command("judgments")
def judgments_command(
    market: Annotated[Path, typer.Option(help="folder that souk market generate wrote")],
    out: Annotated[Path, typer.Option(help="folder for product.csv, video.csv and live.csv")],
    queries: Annotated[
        int | None, typer.Option(min=1, help="product queries; videos and lives in proportion. Default: judgments.yml")
    ] = None,
    seed: Annotated[int, typer.Option(help="same seed and market, same judgments")] = 7,
) -> None:
    """Write what shoppers of a market would type, and ratings from its hidden truth, deterministic by seed.

    3: the right thing, all that was asked for, of good quality; 2: of poor quality, or with one soft wish missed;
    1: more missed, or a related thing; 0: anything else. Files are in the Chorus format.

    Example: `souk market judgments --market market --out judgments`, then
    `souk learn --judgments judgments/product.csv --type product`
    """
    from learn.market.judgments import judge_market, write_judgments
    from learn.progress import bars

    with bars() as advance:
        judged = judge_market(market, seed, queries, advance)
    files = write_judgments(judged, out)
    Console().print(_judged_table(judged, files, out))


def _judged_table(judged: Mapping[Kind, Sequence[Judged]], files: Mapping[Kind, Path], out: Path) -> Table:
    table = Table("file", "queries", "judged", "3", "2", "1", "0", "traps", title=f"Judgments in {out}")
    for kind, file in files.items():
        counts = Counter(rating for each in judged[kind] for rating in each.ratings.values())
        traps = sum(len(each.traps) for each in judged[kind])
        numbers = (len(judged[kind]), counts.total(), *(counts[rating] for rating in (3, 2, 1, 0)), traps)
        table.add_row(file.name, *(f"{number:,}" for number in numbers))
    return table


@market_app.command("pulse")
def pulse_command(
    every: Annotated[float, typer.Option(min=1, help="Seconds between two heartbeats.")] = 30.0,
) -> None:
    """Send the heartbeats of the generated lives until stopped. `souk demo` runs it in the background.

    Example: `souk market pulse --every 30`
    """
    import time

    from learn.market.pulse import keep_beating
    from stack.client import connect
    from stack.rules import load_rules
    from stack.settings import load_settings

    settings = load_settings()
    heartbeat_s = load_rules(settings.mappings_dir).blend.live_heartbeat_s
    with connect(settings) as client:
        keep_beating(
            client,
            settings.alias("live"),
            heartbeat_s,
            every,
            clock=lambda: datetime.now(UTC),
            wait=time.sleep,
            say=lambda line: typer.echo(line, err=True),
        )

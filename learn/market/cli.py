"""`souk market generate`, `judgments`, `pulse`: a market of one's own to try everything with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from learn.market.build import Built
    from learn.market.judgments import Judged
    from stack.documents import Kind

market_app = typer.Typer(
    help="A generated market: products, videos, lives, who sells and makes them, and their pictures.",
    no_args_is_help=True,
)


class Size(StrEnum):
    """How large a market is; `generate.SIZES` holds the numbers."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@market_app.command("generate")
def generate_command(
    out: Annotated[Path, typer.Option(help="folder for the files")],
    seed: Annotated[int, typer.Option(help="same seed, same market")] = 7,
    size: Annotated[Size, typer.Option(help="600, 3,200 or 1,000,000 products")] = Size.MEDIUM,
    products: Annotated[int | None, typer.Option(min=1, help="in place of those of the size")] = None,
    videos: Annotated[int | None, typer.Option(min=0, help="in place of those of the size")] = None,
    lives: Annotated[int | None, typer.Option(min=0, help="in place of those of the size")] = None,
    pictures: Annotated[bool, typer.Option(help="draw pictures and clips; tests of scale need none")] = True,
    force: Annotated[bool, typer.Option("--force", help="replace a market in that folder")] = False,
) -> None:
    """Write products, videos, lives, sellers and creators, their pictures and clips in media/, and the hidden truth in
    truth/, deterministic by seed.

    Only the times of lives follow the clock: a room on air needs a fresh heartbeat to be believed. With --force a
    market of the same seed and sizes keeps all but its lives.

    Examples: `souk market generate --out market --seed 7 --size small`, `souk market generate --out large --size large`
    """
    from learn.market.build import build
    from learn.market.generate import SIZES, Sizes
    from stack.settings import load_settings

    usual = SIZES[size.value]
    sizes = Sizes(
        usual.products if products is None else products,
        usual.videos if videos is None else videos,
        usual.lives if lives is None else lives,
    )
    with _progress(Console(stderr=True)) as progress:
        bars = {kind: progress.add_task(kind, total=total) for kind, total in vars(sizes).items()}
        bars["pictures"] = progress.add_task("pictures", total=None)

        def report(part: str, done: int, total: int | None) -> None:
            progress.update(bars[part], completed=done, total=total)  # a total of None leaves it as it is

        cache = load_settings().cache_dir / "drawings"
        built = build(out, seed, sizes, datetime.now(UTC), cache, force, report, pictures)
        if not built.anew:
            for part in bars.values():
                progress.update(part, total=1, completed=1, visible=part == bars["lives"])
    Console().print(_summary(built, out))


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def _summary(built: Built, out: Path) -> Table:
    title = f"A market in {out}" if built.anew else f"A market in {out}: as it was, its lives anew"
    table = Table("file", "records", "what is in it", title=title)
    for name, count in built.counts.items():
        table.add_row(name, f"{count:,}", built.notes.get(name, "hidden truth, for evaluation only"))
    table.add_row("media/", f"{len(built.media):,}", "pictures, clips and their captions")
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
    from stack.signals import SIGNAL

    settings = load_settings()
    heartbeat_s = load_rules(settings.mappings_dir).blend.live_heartbeat_s
    with connect(settings) as client:
        keep_beating(
            client,
            settings.alias("live"),
            settings.alias(SIGNAL),
            heartbeat_s,
            every,
            clock=lambda: datetime.now(UTC),
            wait=time.sleep,
            say=lambda line: typer.echo(line, err=True),
        )


@market_app.command("behaviour")
def behaviour_command(
    market: Annotated[Path, typer.Option(help="folder that souk market generate wrote")],
    out: Annotated[Path, typer.Option(help="folder for ubi_queries.jsonl and ubi_events.jsonl")],
    days: Annotated[int, typer.Option(min=1, max=366, help="days, the last of which is today")] = 14,
    sessions: Annotated[int, typer.Option(min=1, help="visits in all those days")] = 2_000,
    seed: Annotated[int, typer.Option(help="same seed, market and day, same behaviour")] = 7,
) -> None:
    """Write what shoppers of a market searched, saw, clicked, bought and sent back, as User Behavior Insights.

    Who clicks what is decided by the market's hidden truth, and by the place in the row. No document is read or written
    in an engine.

    Example: `souk market behaviour --market market --out behaviour`, then
    `souk events import behaviour/ubi_queries.jsonl behaviour/ubi_events.jsonl`
    """
    from learn.market.behaviour import Shoppers, write_behaviour

    counts = write_behaviour(Shoppers(market, days, sessions, seed, datetime.now(UTC)), out)
    table = Table("what", "records", title=f"Behaviour of {days} days in {out}")
    for name, count in counts.most_common():
        table.add_row(name, f"{count:,}")
    Console().print(table)

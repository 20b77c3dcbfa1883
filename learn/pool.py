"""The unjudged top results of rankers, for a human to rate (`souk judgments pool`).

A result that nobody judged counts as irrelevant, whatever it is: a ranker that finds new things is punished for it.
Rating the top of each ranker once (pooling, Spärck Jones & van Rijsbergen 1975) makes their figures comparable.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.bootstrap import build_searcher
from learn.evaluate import patient
from learn.items import Item, fetch_items
from learn.judgments import Judgments
from learn.judgments.chorus import COLUMNS, POOL_COLUMNS
from learn.judgments.lines import open_text
from learn.rankers import Advance, Ranker, Row, Setup, as_setup, run_ranker
from stack.documents import Kind
from stack.errors import InputError, Mistake
from stack.settings import Settings

HEAD = (*COLUMNS[:2], "title", "brand", *POOL_COLUMNS, COLUMNS[2])


@dataclass(frozen=True)
class Unjudged:
    """A result without a rating: its best rank, the rankers that returned it, and how much a rating would matter.

    `weight` is the sum over rankers of its discount in DCG, 1 / log2(1 + rank): the share of a top rating that each
    ranker's figure may gain.
    """

    query: str
    doc: str
    best_rank: int
    rankers: tuple[str, ...]
    weight: float


async def make_pool(
    settings: Settings,
    judgments: Judgments,
    rankers: Sequence[Ranker | Setup],
    kind: Kind,
    depth: int,
    advance: Advance | None = None,
) -> tuple[list[Unjudged], dict[str, Item]]:
    """The unjudged results down to `depth`, what matters most first, and their documents. Raises as a search does."""
    async with build_searcher(patient(settings)) as searcher:
        runs = {
            str(as_setup(ranker)): await run_ranker(searcher, ranker, judgments.queries, kind, depth, advance)
            for ranker in rankers
        }
        pool = unjudged(runs, judgments, depth)
        return pool, await fetch_items(searcher, kind, (each.doc for each in pool))


def unjudged(runs: Mapping[str, Mapping[str, Row]], judgments: Judgments, depth: int) -> list[Unjudged]:
    """Of the runs, ranker → query → row, the results without a rating."""
    ranks: dict[tuple[str, str], dict[str, int]] = {}
    for ranker, run in runs.items():
        for query, row in run.items():
            for rank, (doc, _) in enumerate(row[:depth], start=1):
                if doc not in judgments.ratings[query]:
                    ranks.setdefault((query, doc), {})[ranker] = rank
    pool = [
        Unjudged(query, doc, min(by.values()), tuple(by), sum(1 / math.log2(1 + rank) for rank in by.values()))
        for (query, doc), by in ranks.items()
    ]
    return sorted(pool, key=lambda each: (-each.weight, each.query, each.best_rank, each.doc))


def write_pool(pool: Iterable[Unjudged], items: Mapping[str, Item], file: Path, force: bool = False) -> None:
    """Write the file to rate: the Chorus and Quepid form with more columns, and an empty `rating`.

    Raises InputError when a file is there that holds ratings, or is no pool, unless `force` says to replace it.
    """
    if not force and (problem := _worth_keeping(file)):
        raise InputError([Mistake(str(file), problem)], "Name another file, or add --force to replace it")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEAD)
        for each in pool:
            item = items.get(each.doc, Item(each.doc, ""))
            writer.writerow(
                [each.query, each.doc, item.title, item.brand, each.best_rank, " ".join(_plain(each.rankers)), ""]
            )


def _plain(rankers: Iterable[str]) -> list[str]:
    return [ranker.replace(", ", "+").replace(" ", "-") for ranker in rankers]


def _worth_keeping(file: Path) -> str | None:
    """Why a file that is there should not be replaced; None when it may be."""
    if not file.exists():
        return None
    try:
        with open_text(file) as lines:
            rows = csv.DictReader(lines)
            if not set(HEAD) <= set(rows.fieldnames or ()):
                return "is there, and no pool"
            rated = sum(bool((row["rating"] or "").strip()) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return f"is there, and cannot be read: {error}"
    return f"holds {rated} ratings" if rated else None

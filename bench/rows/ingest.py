"""Ingestion without vectors against bare `helpers.parallel_bulk` of the same, ready documents into an equal index."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

import orjson

from bench.bed import BARE, WRITTEN, Bed
from bench.processes import run_logging
from bench.table import Figure, Result, Row, Target
from bench.timing import median_ratio
from stack.settings import Settings

ROUNDS, THREADS, CHUNK = 3, 2, 500
TARGET = Target("≥", 0.9)


def measure(bed: Bed) -> Result:
    """One row: the median of the rounds' ratios, ours and bare taking turns to be first."""
    actions = _ready(bed)
    ours: list[float] = []
    bare: list[float] = []
    for number in range(ROUNDS):
        for which in ("ours", "bare") if number % 2 == 0 else ("bare", "ours"):
            if which == "ours":
                ours.append(_ours(bed))
            else:
                bare.append(_bare(bed, actions))
    return Result(
        [
            Row(
                "ingest without vectors",
                rate("souk ingest --no-embed", ours),
                rate("parallel_bulk, ready documents", bare),
                median_ratio(ours, bare),
                "×",
                TARGET,
                f"{THREADS} writing threads, {CHUNK} documents a request, a fresh index each time; median of "
                f"{ROUNDS} pairs' ratios",
            )
        ]
    )


def rate(what: str, rates: list[float]) -> Figure:
    """Documents a second."""
    return Figure(what, "docs/s", median(rates), len(rates))


def empty(bed: Bed, prefix: str) -> Settings:
    """Settings of fresh, empty indexes under `prefix`."""
    settings = bed.settings.model_copy(update={"index_prefix": prefix})
    bed.fresh_indexes(settings)
    return settings


def _ready(bed: Bed) -> Path:
    """The documents as they are stored, as bulk actions, a line each."""
    path = bed.folder / "ready.jsonl"
    with path.open("wb") as file:
        for item in bed.products():
            file.write(orjson.dumps({"_id": item.document.id, "_source": item.body}) + b"\n")
    return path


def _ours(bed: Bed) -> float:
    settings = empty(bed, WRITTEN)
    options = ["--no-embed", "--workers", str(THREADS), "--batch", str(CHUNK), *bed.limit]
    summary = bed.ingest([*bed.catalogue.products.arguments(), *options], settings, "ingest").last
    return float(summary["written"] / summary["seconds"])


def _bare(bed: Bed, actions: Path) -> float:
    settings = empty(bed, BARE)
    command = [
        sys.executable,
        "-m",
        "bench.bare_bulk",
        str(actions),
        settings.alias("product"),
        str(THREADS),
        str(CHUNK),
    ]
    with bed.track("bare bulk", None):
        done = run_logging(command, settings).last
    return float(done["docs"] / done["seconds"])

"""The queries of a run: real ones first, then ones made of titles; the same for the same catalogue."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

WORDS = 3  # of a title: shoppers type two to three words


def read_queries(file: Path) -> list[str]:
    """The column `query` of a gzipped CSV."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return [row["query"] for row in csv.DictReader(lines)]


def choose(known: Sequence[str], titles: Sequence[str], count: int) -> list[str]:
    """`count` different queries, fewer when the titles do not give more."""
    return list(islice(_different(chain(known, _from_titles(titles))), count))


def _from_titles(titles: Sequence[str]) -> Iterator[str]:
    """Two or three words of every title, from titles far apart first: neighbours in a catalogue are alike."""
    stride = max(1, len(titles) // 100)
    for start in range(stride):
        for place, title in enumerate(titles[start::stride]):
            words = title.split()
            yield " ".join(words[: WORDS - place % 2])


def _different(queries: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for query in queries:
        key = query.casefold().strip()
        if key and key not in seen:
            seen.add(key)
            yield query

"""Judgments: who rated which document how high for which query. Read, checked and merged.

chorus   CSV with a header: query,docid,rating   (the Chorus and Quepid export)
trec     qrels: qid iteration docid rating, without a header; `_` in the qid stands for a space
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from stack.errors import InputError, Mistake

Format = Literal["auto", "chorus", "trec"]
COLUMNS = ("query", "docid", "rating")
SHOWN = 20


@dataclass(frozen=True)
class Judgment:
    """One rating, and where it stands."""

    query: str
    doc: str
    rating: int
    place: str


@dataclass(frozen=True)
class Judgments:
    """Ratings by query and document. `queries` keeps the order of the files."""

    ratings: dict[str, dict[str, int]]
    files: tuple[str, ...]

    @property
    def queries(self) -> list[str]:
        return list(self.ratings)

    @property
    def answerable(self) -> list[str]:
        """The queries that have a relevant document; the others have no nDCG and are left out of every mean."""
        return [query for query, ratings in self.ratings.items() if any(rating > 0 for rating in ratings.values())]


def read_judgments(files: Sequence[Path], form: Format = "auto") -> Judgments:
    """Read and merge judgment files, plain or gzip.

    Raises InputError that names file and line of everything that cannot be read, and of each pair that two rows rate
    differently: a conflict is for a human, never averaged away.
    """
    mistakes: list[Mistake] = []
    merged: dict[str, dict[str, Judgment]] = {}
    for file in files:
        for item in _rows(file, form, mistakes):
            known = merged.setdefault(item.query, {}).setdefault(item.doc, item)
            if known.rating != item.rating:
                what = f"query {item.query!r}, document {item.doc}: rated {item.rating}, but {known.rating}"
                mistakes.append(Mistake(item.place, f"{what} at {known.place}"))
    if not mistakes and not merged:
        mistakes.append(Mistake(", ".join(map(str, files)), "there are no judgments"))
    if mistakes:
        shown = mistakes[:SHOWN]
        more = len(mistakes) - len(shown)
        remedy = f"Correct these rows ({more} more are not shown)" if more else "Correct these rows"
        raise InputError(shown, remedy)
    ratings = {query: {doc: item.rating for doc, item in docs.items()} for query, docs in merged.items()}
    return Judgments(ratings, tuple(file.name for file in files))


def _rows(file: Path, form: Format, mistakes: list[Mistake]) -> Iterator[Judgment]:
    try:
        with _open(file) as lines:
            first = lines.readline()
            if form == "auto":
                form = "chorus" if "query" in first.lower() and "," in first else "trec"
            read = _chorus if form == "chorus" else _trec
            yield from read(file.name, _chain(first, lines), mistakes)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        mistakes.append(Mistake(str(file), f"cannot be read: {error}"))


def _open(file: Path) -> IO[str]:
    with file.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    return (
        gzip.open(file, "rt", encoding="utf-8-sig", newline="")
        if packed
        else file.open(encoding="utf-8-sig", newline="")
    )


def _chain(first: str, rest: Iterable[str]) -> Iterator[str]:
    if first:
        yield first
    yield from rest


def _chorus(name: str, lines: Iterator[str], mistakes: list[Mistake]) -> Iterator[Judgment]:
    rows = csv.DictReader(lines)
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        mistakes.append(Mistake(f"{name}:1", f"no column {', '.join(missing)}", COLUMNS))
        return
    for row in rows:
        yield from _checked(f"{name}:{rows.line_num}", row["query"], row["docid"], row["rating"], mistakes)


def _trec(name: str, lines: Iterator[str], mistakes: list[Mistake]) -> Iterator[Judgment]:
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        if len(parts) == 4:
            yield from _checked(f"{name}:{number}", parts[0].replace("_", " "), parts[2], parts[3], mistakes)
        elif parts:
            mistakes.append(Mistake(f"{name}:{number}", f"{len(parts)} columns, qrels have 4"))


def _checked(
    place: str, query: str | None, doc: str | None, rating: str | None, mistakes: list[Mistake]
) -> Iterator[Judgment]:
    query, doc = (query or "").strip(), (doc or "").strip()
    try:
        value = float(rating or "")
    except ValueError:
        value = -1.0
    if not query or not doc:
        mistakes.append(Mistake(place, "an empty query or document"))
    elif not math.isfinite(value) or value < 0 or value != int(value) or value > 100:
        mistakes.append(Mistake(place, f"rating {rating!r} is not a whole number from 0 to 100"))
    else:
        yield Judgment(query, doc, int(value), place)

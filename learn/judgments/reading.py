"""Judgment files → Judgments: tell the format, read, merge, and name everything that is wrong at once."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

from learn.judgments import chorus, esci, trec, wands
from learn.judgments.esci import Choice
from learn.judgments.lines import open_text
from learn.judgments.model import Judgment, Judgments, Problems
from stack.errors import InputError, Mistake

Format = Literal["auto", "chorus", "trec", "wands", "esci"]
FORMATS: tuple[Format, ...] = get_args(Format)
SHOWN = 20


def read_judgments(
    files: Sequence[Path],
    form: Format = "auto",
    *,
    locale: str | None = None,
    split: str | None = None,
    skip_unrated: bool = False,
) -> Judgments:
    """Read and merge judgment files, plain or gzip. `locale` and `split` choose among the examples of ESCI.

    Raises InputError that names file and line of everything that cannot be read, and of each pair that two rows rate
    differently: a conflict is for a human, never averaged away. Rows that say the same twice are counted.
    """
    problems = Problems()
    merged: dict[str, dict[str, Judgment]] = {}
    choice = Choice(locale, split)
    for file in files:
        for item in _rows(file, form, problems, choice, skip_unrated):
            _merge(merged, item, problems)
    if not problems.mistakes and not merged:
        problems.add(", ".join(map(str, files)), f"there are no judgments{_why_none(problems)}")
    if problems.mistakes:
        raise _all_of(problems.mistakes)
    ratings = {query: {doc: item.rating for doc, item in docs.items()} for query, docs in merged.items()}
    return Judgments(ratings, tuple(file.name for file in files), problems.counts)


def _merge(merged: dict[str, dict[str, Judgment]], item: Judgment, problems: Problems) -> None:
    problems.counts.rows += 1
    known = merged.setdefault(item.query, {}).setdefault(item.doc, item)
    if known.rating != item.rating:
        what = f"query {item.query!r}, document {item.doc}: rated {item.rating}, but {known.rating}"
        problems.add(item.place, f"{what} at {known.place}")
    elif known is not item:
        problems.counts.duplicates += 1


def _why_none(problems: Problems) -> str:
    counts = problems.counts
    reasons = [
        *([f"{counts.unrated} rows wait for a rating"] if counts.unrated else []),
        *([f"{counts.filtered} rows have another locale or split"] if counts.filtered else []),
    ]
    return f" ({', '.join(reasons)})" if reasons else ""


def _all_of(mistakes: list[Mistake]) -> InputError:
    shown = mistakes[:SHOWN]
    more = len(mistakes) - len(shown)
    return InputError(shown, f"Correct these rows ({more} more are not shown)" if more else "Correct these rows")


def _rows(file: Path, form: Format, problems: Problems, choice: Choice, skip_unrated: bool) -> Iterator[Judgment]:
    try:
        match _format_of(file) if form == "auto" else form:
            case "wands":
                yield from wands.read(file, problems)
            case "esci":
                yield from esci.read(file, problems, choice)
            case "chorus":
                yield from chorus.read(file, problems, skip_unrated)
            case _:
                yield from trec.read(file, problems)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        problems.add(str(file), f"cannot be read: {error}")


def _format_of(file: Path) -> Format:
    """Told by what lies there: names and first line. Raises as `open_text` does."""
    if wands.is_wands(file):
        return "wands"
    if esci.is_esci(file):
        return "esci"
    with open_text(file) as lines:
        first = lines.readline()
    return "chorus" if "query" in first.lower() and "," in first else "trec"

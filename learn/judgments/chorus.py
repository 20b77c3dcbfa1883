"""The Chorus and Quepid export: CSV with a header that names query, docid and rating, in any order and with others."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from learn.judgments.lines import open_text
from learn.judgments.model import Judgment, Problems

COLUMNS = ("query", "docid", "rating")
# `souk judgments pool` writes these columns too: in such a file an empty rating waits for one, and is no mistake.
POOL_COLUMNS = ("best_rank", "rankers")


def read(file: Path, problems: Problems, skip_unrated: bool = False) -> Iterator[Judgment]:
    """Yield the ratings. Rows with an empty rating are counted and passed over in a pool, or when asked for.

    Raises OSError, EOFError, UnicodeDecodeError and csv.Error for what cannot be read.
    """
    with open_text(file) as lines:
        rows = csv.DictReader(lines)
        columns = rows.fieldnames or ()
        missing = [column for column in COLUMNS if column not in columns]
        if missing:
            problems.add(f"{file.name}:1", f"no column {', '.join(missing)}", COLUMNS)
            return
        lenient = skip_unrated or all(column in columns for column in POOL_COLUMNS)
        for row in rows:
            if lenient and not (row["rating"] or "").strip():
                problems.counts.unrated += 1
                continue
            yield from problems.checked(f"{file.name}:{rows.line_num}", row["query"], row["docid"], row["rating"])

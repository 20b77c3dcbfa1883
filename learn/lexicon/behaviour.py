"""What shoppers did: a table of `query,category,weight`, as training rows of the category classifier.

Parquet or JSON Lines (plain): `{"query": "ear buds", "category": "Audio > Headphones", "weight": 12}`, where weight
is a count of clicks or purchases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stack.errors import InputError, Mistake

COLUMNS = ("query", "category", "weight")
MOST_MISTAKES = 20
REMEDY = "Write Parquet or JSON Lines with query (text), category (a path like A > B) and weight (a number above 0)"


@dataclass(frozen=True, order=True)
class Behaviour:
    """Shoppers who asked `query` took something of `category` `weight` times."""

    query: str
    category: str
    weight: float


def read_behaviour(file: Path) -> tuple[Behaviour, ...]:
    """The rows in a fixed order. Raises InputError with each bad row and its line."""
    rows: list[Behaviour] = []
    mistakes: list[Mistake] = []
    for place, row in _rows(file):
        if problem := _problem(row):
            mistakes.append(Mistake(f"{file}:{place}", problem))
        else:
            rows.append(Behaviour(row["query"].strip(), row["category"], float(row["weight"])))
    if mistakes:
        more = len(mistakes) - MOST_MISTAKES
        shown = mistakes[:MOST_MISTAKES] + ([Mistake(str(file), f"and {more} more")] if more > 0 else [])
        raise InputError(shown, REMEDY)
    return tuple(sorted(rows))


def _rows(file: Path) -> Iterator[tuple[int, Any]]:
    if file.suffix == ".parquet":
        try:
            yield from enumerate(pq.read_table(file, columns=list(COLUMNS)).to_pylist(), start=1)
        except (OSError, pa.ArrowException, KeyError) as error:
            raise InputError([Mistake(str(file), str(error))], REMEDY) from error
        return
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Mistake(str(file), str(error))], REMEDY) from error
    for place, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield place, json.loads(line)
            except ValueError:
                yield place, None


def _problem(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "not a JSON object"
    for name in ("query", "category"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            return f"{name}: needs a text"
    weight = row.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < float("inf"):
        return "weight: needs a number above 0"
    return None

"""WANDS as Wayfair publishes it (github.com/wayfair/WANDS, Chen et al., ECIR 2022): tab-separated files in one folder.

    query.csv   query_id, query, query_class
    label.csv   id, query_id, product_id, label

Labels become 2 (Exact), 1 (Partial) and 0 (Irrelevant): whole numbers in the ratio of the paper's gains 1, 0.5 and 0,
which gives the same nDCG, as it divides by the best possible gain.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from learn.judgments.lines import open_text
from learn.judgments.model import Judgment, Problems

RATINGS = {"Exact": 2, "Partial": 1, "Irrelevant": 0}
LABELS, QUERIES = "label.csv", "query.csv"
LABEL_COLUMNS = ("query_id", "product_id", "label")
QUERY_COLUMNS = ("query_id", "query")


def is_wands(file: Path) -> bool:
    """The folder of the data set, or its label.csv with query.csv beside it."""
    folder = file if file.is_dir() else file.parent
    return (file.is_dir() or file.name.startswith(LABELS)) and _beside(folder, QUERIES) is not None


def read(file: Path, problems: Problems) -> Iterator[Judgment]:
    """Yield the ratings of a folder, or of a label.csv. Raises OSError, UnicodeDecodeError and csv.Error."""
    folder = file if file.is_dir() else file.parent
    labels, queries = (_beside(file, LABELS) if file.is_dir() else file), _beside(folder, QUERIES)
    if labels is None or queries is None:
        absent = LABELS if labels is None else QUERIES
        problems.add(str(file), f"there is no {absent}; WANDS has {LABELS} and {QUERIES} in one folder")
        return
    texts = {row["query_id"]: row["query"] for _, row in _rows(queries, QUERY_COLUMNS, problems)}
    for line, row in _rows(labels, LABEL_COLUMNS, problems):
        place = f"{labels.name}:{line}"
        query, label = texts.get(row["query_id"]), (row["label"] or "").strip()
        if query is None:
            problems.add(place, f"query_id {row['query_id']!r} is not in {queries.name}")
        elif label not in RATINGS:
            problems.add(place, f"no such label: {label!r}", tuple(RATINGS))
        else:
            yield from problems.checked(place, query, row["product_id"], RATINGS[label])


def _beside(folder: Path, name: str) -> Path | None:
    """The file of that name in a folder, plain or gzip."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _rows(file: Path, columns: tuple[str, ...], problems: Problems) -> Iterator[tuple[int, dict[str, str]]]:
    with open_text(file) as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        missing = [column for column in columns if column not in (rows.fieldnames or ())]
        if missing:
            problems.add(f"{file.name}:1", f"no column {', '.join(missing)}", columns)
            return
        for row in rows:
            yield rows.line_num, row

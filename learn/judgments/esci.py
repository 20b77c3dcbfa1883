"""Amazon's Shopping Queries Data Set (github.com/amazon-science/esci-data, Reddy et al. 2022, arXiv:2206.06588).

`shopping_queries_dataset_examples.parquet`: example_id, query, query_id, product_id, product_locale, esci_label,
small_version, large_version, split. Labels become E 3 (exact), S 2 (substitute), C 1 (complement), I 0 (irrelevant):
grades in the order of the paper, for linear gains; its own task 1 gains are 1, 0.1, 0.01 and 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet as pq

from learn.judgments.model import Judgment, Problems

RATINGS = {"E": 3, "S": 2, "C": 1, "I": 0}
WORDS = {"Exact": "E", "Substitute": "S", "Complement": "C", "Irrelevant": "I"}
COLUMNS = ("query", "product_id", "product_locale", "esci_label")
MAGIC = b"PAR1"


@dataclass(frozen=True)
class Choice:
    """Which examples are read; None is all. The same words are asked in several locales: choose one, or they mix."""

    locale: str | None = None
    split: str | None = None

    @property
    def wanted(self) -> dict[str, str]:
        """Column → the value it must have."""
        named = {"product_locale": self.locale, "split": self.split}
        return {column: value for column, value in named.items() if value is not None}


def is_esci(file: Path) -> bool:
    """A Parquet file."""
    if not file.is_file():
        return False
    with file.open("rb") as raw:
        return raw.read(4) == MAGIC


def read(file: Path, problems: Problems, choice: Choice | None = None) -> Iterator[Judgment]:
    """Yield the ratings that are wanted; the others are counted as filtered. Raises OSError for what is no Parquet."""
    wanted = (choice or Choice()).wanted
    try:
        table = pq.ParquetFile(file)
        columns = tuple(dict.fromkeys([*COLUMNS, *wanted]))
        missing = [column for column in columns if column not in table.schema_arrow.names]
        if missing:
            problems.add(file.name, f"no column {', '.join(missing)}", columns)
            return
        number = 0
        for batch in table.iter_batches(columns=list(columns)):
            for row in batch.to_pylist():
                number += 1
                yield from _judgment(f"{file.name}:{number}", row, wanted, problems)
    except pyarrow.ArrowException as error:
        raise OSError(str(error)) from error


def _judgment(place: str, row: dict[str, Any], wanted: dict[str, str], problems: Problems) -> Iterator[Judgment]:
    if any(row[column] != value for column, value in wanted.items()):
        problems.counts.filtered += 1
        return
    label = str(row["esci_label"])
    rating = RATINGS.get(WORDS.get(label, label))
    if rating is None:
        problems.add(place, f"no such label: {label!r}", tuple(RATINGS))
    else:
        yield from problems.checked(place, row["query"], row["product_id"], rating)

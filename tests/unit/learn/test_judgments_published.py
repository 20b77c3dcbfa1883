"""WANDS and ESCI, on small files of the form that they are published in."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learn.judgments import read_judgments
from stack.errors import InputError

QUERIES = 'query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n208\t"fawkes 36"" blue vanity"\tVanities\n'
LABELS = """id	query_id	product_id	label
0	0	25434	Exact
1	0	12088	Irrelevant
2	0	42931	Partial
3	208	7	Exact
"""


def wands(folder: Path, queries: str = QUERIES, labels: str = LABELS) -> Path:
    (folder / "query.csv").write_text(queries, encoding="utf-8")
    (folder / "label.csv").write_text(labels, encoding="utf-8")
    return folder


@pytest.mark.parametrize("form", ["auto", "wands"])
@pytest.mark.parametrize("name", ["", "label.csv"])
def test_wands_by_its_folder_or_its_labels(tmp_path: Path, form: Any, name: str) -> None:
    read = read_judgments([wands(tmp_path) / name], form)
    assert read.ratings == {
        "salon chair": {"25434": 2, "12088": 0, "42931": 1},
        'fawkes 36" blue vanity': {"7": 2},
    }


def test_wands_may_be_packed(tmp_path: Path) -> None:
    for file in list(wands(tmp_path).iterdir()):
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    assert read_judgments([tmp_path]).ratings["salon chair"]["42931"] == 1


def test_wands_names_what_is_wrong(tmp_path: Path) -> None:
    labels = LABELS + "4\t0\t9\tPerhaps\n5\t99\t9\tExact\n6\t0\t\tExact\n"
    with pytest.raises(InputError) as caught:
        read_judgments([wands(tmp_path, labels=labels)])
    said = {mistake.where: mistake.what for mistake in caught.value.mistakes}
    assert said == {
        "label.csv:6": "no such label: 'Perhaps'",
        "label.csv:7": "query_id '99' is not in query.csv",
        "label.csv:8": "an empty query or document",
    }


def test_wands_that_rates_a_pair_twice_differently_is_a_conflict(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rated 0, but 2 at label\.csv:2"):
        read_judgments([wands(tmp_path, labels=LABELS + "4\t0\t25434\tIrrelevant\n")])


def test_wands_without_its_queries(tmp_path: Path) -> None:
    (tmp_path / "label.csv").write_text(LABELS)
    with pytest.raises(InputError, match=r"there is no query\.csv"):
        read_judgments([tmp_path], "wands")


def test_wands_with_commas_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column query_id, product_id, label"):
        read_judgments([wands(tmp_path, labels=LABELS.replace("\t", ","))], "wands")


ROWS: list[dict[str, Any]] = [
    {"query": "usb fan", "product_id": "B01", "product_locale": "us", "esci_label": "E", "split": "test"},
    {"query": "usb fan", "product_id": "B02", "product_locale": "us", "esci_label": "S", "split": "test"},
    {"query": "usb fan", "product_id": "B03", "product_locale": "us", "esci_label": "C", "split": "test"},
    {"query": "usb fan", "product_id": "B04", "product_locale": "us", "esci_label": "I", "split": "test"},
    {"query": "ventilador", "product_id": "B01", "product_locale": "es", "esci_label": "E", "split": "test"},
    {"query": "hub", "product_id": "B09", "product_locale": "us", "esci_label": "E", "split": "train"},
]


def esci(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """All columns of the published file, in its order."""
    file = folder / "shopping_queries_dataset_examples.parquet"
    whole = [
        {
            "example_id": number,
            "query": row["query"],
            "query_id": 10 + number,
            "product_id": row["product_id"],
            "product_locale": row["product_locale"],
            "esci_label": row["esci_label"],
            "small_version": 1,
            "large_version": 1,
            "split": row["split"],
        }
        for number, row in enumerate(rows)
    ]
    pq.write_table(pa.Table.from_pylist(whole), file)
    return file


def test_esci_grades_and_choice(tmp_path: Path) -> None:
    file = esci(tmp_path, ROWS)
    assert read_judgments([file]).queries == ["usb fan", "ventilador", "hub"]
    read = read_judgments([file], "esci", locale="us", split="test")
    assert read.ratings == {"usb fan": {"B01": 3, "B02": 2, "B03": 1, "B04": 0}}
    assert (read.counts.rows, read.counts.filtered) == (4, 2)


def test_esci_names_a_wrong_label_and_a_choice_without_rows(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"parquet:2: no such label: 'X'.*E, S, C, I"):
        read_judgments([esci(tmp_path, [ROWS[0], ROWS[1] | {"esci_label": "X"}])])
    with pytest.raises(InputError, match="6 rows have another locale or split"):
        read_judgments([esci(tmp_path, ROWS)], locale="jp")


def test_a_parquet_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"query": ["a"]}), file)
    with pytest.raises(InputError, match="no column product_id, product_locale, esci_label"):
        read_judgments([file])
    file.write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="cannot be read"):
        read_judgments([file])

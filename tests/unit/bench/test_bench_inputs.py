"""What a run is asked to measure, with which queries, on which catalogue, with which settings."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bench.__main__ import chosen
from bench.catalogue import find_catalogue
from bench.processes import environment
from bench.queries import choose
from bench.rows import GROUPS
from bench.rows.recall import exact_search
from stack.errors import InputError
from stack.settings import Settings, load_settings

TITLES = [f"Maker{number} Thing{number} black 10 cm" for number in range(1000)]


def test_real_queries_come_first_and_none_comes_twice() -> None:
    queries = choose(["laptop", "Laptop ", "", "usb cable"], TITLES, 500)
    assert queries[:2] == ["laptop", "usb cable"]
    assert len(queries) == len({query.casefold() for query in queries}) == 500
    assert {len(query.split()) for query in queries[2:]} == {2, 3}


def test_queries_are_the_same_each_time_and_end_with_the_titles() -> None:
    assert choose([], TITLES, 50) == choose([], TITLES, 50)
    assert choose(["a"], ["Red shoe", "red  shoe", "Blue shoe with laces"], 10) == ["a", "Red shoe", "Blue shoe with"]


@pytest.mark.parametrize(
    ("only", "groups"), [("", list(GROUPS)), ("api, search", ["search", "api"]), ("ingest", ["ingest"])]
)
def test_rows_run_in_their_order(only: str, groups: list[str]) -> None:
    assert chosen(only) == groups


def test_all_unknown_rows_are_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'fast'.*recall.*'nice'"):
        chosen("search,nice,fast")


def test_a_folder_gives_every_kind_that_it_holds(tmp_path: Path) -> None:
    for name in ("products.jsonl", "videos.jsonl.gz", "truth.json"):
        (tmp_path / name).touch()
    found = find_catalogue(tmp_path, tmp_path)
    assert [source.arguments() for source in found.sources] == [
        ["products", str(tmp_path / "products.jsonl")],
        ["videos", str(tmp_path / "videos.jsonl.gz")],
    ]


def test_a_folder_without_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a file of products nor a folder"):
        find_catalogue(tmp_path, tmp_path)


def test_a_process_gets_the_very_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOUK_EMBED_BATCH", "7")
    given = Settings(
        opensearch_url="https://search.example:9200",
        opensearch_user="reader",
        opensearch_password="secret",  # type: ignore[arg-type]
        languages=("de", "en"),
        index_prefix="bench",
        state_dir=tmp_path,
    ).model_copy(update={"query_cache": 1})
    for name in [name for name in os.environ if name.startswith("SOUK_")]:
        monkeypatch.delenv(name)
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == given


def test_recall_is_the_share_of_the_nearest_and_ties_are_as_good() -> None:
    documents = np.eye(4, dtype=np.float32)[[0, 1, 2, 2]]  # c and d are one and the same
    queries = np.array([[0.8, 0.5, 0.3, 0.0]], np.float32)
    exact = exact_search(queries, documents, ["a", "b", "c", "d"], 3)
    assert exact.recall(0, ["a", "b", "c"]) == 1.0
    assert exact.recall(0, ["a", "b", "d"]) == 1.0
    assert exact.recall(0, ["c", "d"]) == pytest.approx(2 / 3)
    assert exact.recall(0, []) == 0.0

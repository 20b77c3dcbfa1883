"""The declared features: what the issue asks for is there, and a mistake is named before the first search."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.funnel.check import check_features
from api.funnel.feature_set import FeatureSet, load_features
from stack.documents import KINDS, Kind
from stack.errors import ConfigError
from stack.settings import ROOT

GROUPS = {"lexical", "vector", "query", "item", "match", "context"}
GOOD: dict[str, Any] = {"label": "words", "kinds": ["product"], "engine": {"match": {"title": {"query": "$text"}}}}


def declare(folder: Path, rows: dict[str, Any], file: str = "lexical", **content: Any) -> Path:
    """A mappings folder with one file of features."""
    (folder / "features").mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "mappings" / "ranking", folder / "ranking", dirs_exist_ok=True)
    text = yaml.safe_dump({"group": file, "features": rows} | content)
    (folder / "features" / f"{file}.yml").write_text(text, encoding="utf-8")
    return folder


def declared(folder: Path, **changes: Any) -> FeatureSet:
    return load_features(declare(folder, {"title_bm25": GOOD | changes}), "product")


def test_forty_features_in_the_groups_of_the_issue() -> None:
    products = load_features(ROOT / "mappings", "product")
    assert len(products.features) >= 40
    assert products.groups.keys() >= GROUPS
    for kind in KINDS:
        found = load_features(ROOT / "mappings", kind)
        assert found.kind == kind
        assert len(set(found.names)) == len(found.names)
        assert all(kind in feature.kinds for feature in found.features)
        assert "fused" in found.names, "a model blends the first stage's score"
        assert set(found.labels) == set(found.monotone) == set(found.names)
        check_features(found)


@pytest.mark.parametrize("kind", KINDS)
def test_the_position_an_item_was_shown_at_is_no_feature(kind: Kind) -> None:
    found = load_features(ROOT / "mappings", kind)
    assert not [name for name in found.names if "position" in name or "shown" in name]


def test_each_label_is_said_once(tmp_path: Path) -> None:
    """A merchandiser reads labels: two features of one label could not be told apart."""
    for kind in KINDS:
        labels = list(load_features(ROOT / "mappings", kind).labels.values())
        assert sorted(labels) == sorted(set(labels))
    del tmp_path


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"no_source": {"label": "x", "kinds": ["product"]}}, ["lexical.yml: no_source", "exactly one of", "none"]),
        ({"two": GOOD | {"field": "price"}}, ["lexical.yml: two", "has engine, field"]),
        ({"Bad-Name": GOOD}, ["lexical.yml: Bad-Name"]),
        ({"typo": GOOD | {"monotonic": 1}}, ["lexical.yml: typo", "monotonic"]),
        ({"shop": GOOD | {"kinds": ["shop"]}}, ["lexical.yml: shop", "kinds"]),
        ({"below": GOOD | {"absent": -1}}, ["lexical.yml: below", "absent"]),
        ({"empty": None}, ["lexical.yml: empty"]),
        ({"twice_named": GOOD | {"name": "other"}}, ["lexical.yml: twice_named"]),
        ({"one": {"label": 1}, "two": {"kinds": 2}}, ["lexical.yml: one", "lexical.yml: two"]),
    ],
)
def test_every_mistake_is_named_with_file_and_feature(tmp_path: Path, rows: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_features(declare(tmp_path, rows), "product")
    for each in said:
        assert each in caught.value.message


def test_a_name_in_two_files_is_named(tmp_path: Path) -> None:
    declare(tmp_path, {"title_bm25": GOOD, "fine": GOOD})
    with pytest.raises(ConfigError, match="title_bm25 is declared twice"):
        load_features(declare(tmp_path, {"title_bm25": GOOD}, file="vector"), "product")


@pytest.mark.parametrize("text", ["features: [a, b]", "group: x", "", "features: {a: [", "\udcff"])
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    declare(tmp_path, {"fine": GOOD})
    (tmp_path / "features" / "odd.yml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"odd\.yml"):
        load_features(tmp_path, "product")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"label": "other words"}, True),
        ({"monotone": 1}, True),
        ({"engine": {"match": {"title": {"query": "$text", "boost": 2}}}}, False),
        ({"kinds": ["product", "video"]}, False),
        ({"absent": 0.5}, False),
    ],
)
def test_the_hash_changes_with_what_decides_a_value(tmp_path: Path, changes: dict[str, Any], same: bool) -> None:
    first, second = declared(tmp_path / "a"), declared(tmp_path / "b", **changes)
    assert (first.hash == second.hash) == same
    assert first.hash == declared(tmp_path / "c").hash


def test_the_hash_changes_with_the_order_of_columns(tmp_path: Path) -> None:
    first = load_features(declare(tmp_path / "a", {}, features={"aa": GOOD, "bb": GOOD}), "product")
    other = FeatureSet(kind="product", features=first.features[::-1])
    assert first.hash != other.hash


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"pool": "nonsense"}, "odd_one: there is no pool signal 'nonsense' (there is: age_days_log, "),
        ({"query": "nonsense"}, "odd_one: there is no value 'nonsense' of a query (there is: brand, "),
        ({"engine": {"match": {"title.$dialect": {"query": "$text"}}}}, "odd_one: there is no parameter $dialect"),
        ({"engine": {"terms": {"x": "$words"}}}, "odd_one: there is no parameter $words (there is: all_fields, "),
    ],
)
def test_a_source_that_is_not_there_is_found_at_start(tmp_path: Path, source: dict[str, Any], said: str) -> None:
    rows = {"odd_one": {"label": "odd", "kinds": ["product"]} | source}
    with pytest.raises(ConfigError) as caught:
        check_features(load_features(declare(tmp_path, rows), "product"))
    assert said in caught.value.message


def test_no_features_at_all_is_a_mistake(tmp_path: Path) -> None:
    declare(tmp_path, {"title_bm25": GOOD | {"kinds": ["video"]}})
    with pytest.raises(ConfigError, match="declare nothing for products"):
        check_features(load_features(tmp_path, "product"))


def test_other_boosts_are_another_set(tmp_path: Path) -> None:
    """They decide the values of all clauses over all fields."""
    first = declared(tmp_path / "a")
    folder = declare(tmp_path / "b", {"title_bm25": GOOD})
    rules = folder / "ranking" / "lexical.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("title: 2,", "title: 3,", 1), encoding="utf-8")
    assert load_features(folder, "product").hash != first.hash

"""The tuned numbers: a mistake names its file and field, and all of them at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from api.query.fields import load_fields
from stack.documents import KINDS
from stack.errors import ConfigError
from stack.rules import load_rules
from stack.settings import ROOT


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "mappings", tmp_path / "mappings"))


def change(folder: Path, name: str, **fields: object) -> None:
    file = folder / "ranking" / f"{name}.yml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text(encoding="utf-8")) | fields), encoding="utf-8")


def test_the_rules_that_come_with_souk_are_right() -> None:
    rules = load_rules(ROOT / "mappings")
    assert sum(rules.blend.shares.values()) == pytest.approx(1)
    windows = rules.fusion.window.values()
    assert rules.vector.ef_search >= max(windows), "fewer candidates than neighbours that are asked for"
    assert set(rules.lexical.fields) == set(KINDS)


def test_every_mistake_with_its_file_and_field(copied: Path) -> None:
    change(copied, "fusion", window={"product": 5, "video": 5, "live": 5}, weights={"lexical": 2, "vector": 0.5})
    change(copied, "blend", gate="often", typo=1)
    with pytest.raises(ConfigError) as caught:
        load_rules(copied)
    for place in ("fusion.yml: window", "fusion.yml: weights.lexical", "blend.yml: gate", "blend.yml: typo"):
        assert f"mappings/ranking/{place}" in caught.value.message


@pytest.mark.parametrize(
    ("name", "field", "value", "missing"),
    [
        ("blend", "shares", {"product": 1.0}, "video, live"),
        ("fusion", "weights", {"lexical": 1.0}, "vector"),
        ("lexical", "fields", {"product": {"title": 1}, "live": {"title": 1}}, "video"),
    ],
)
def test_a_kind_or_a_route_of_which_nothing_is_said(
    copied: Path, name: str, field: str, value: object, missing: str
) -> None:
    change(copied, name, **{field: value})
    with pytest.raises(ConfigError, match=rf"{name}\.yml: {field}: .*nothing is said for {missing}"):
        load_rules(copied)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"window: [1", "while parsing"),
        (b"\xff\xfe", "mappings/ranking"),
        (b"", "fusion.yml"),
        (b"window: 5\nwindow 6", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read(copied: Path, content: bytes, message: str) -> None:
    (copied / "ranking" / "fusion.yml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_rules(copied)


def test_a_missing_file_is_named(copied: Path) -> None:
    (copied / "ranking" / "vector.yml").unlink()
    with pytest.raises(ConfigError, match=r"vector\.yml"):
        load_rules(copied)


def test_public_fields_have_names_that_a_request_can_carry() -> None:
    catalog = load_fields(ROOT / "mappings")
    assert not any(name.startswith("attr.") for name in catalog.by_name)
    assert set(catalog.sorts_by_name["relevance"].kinds) == set(KINDS)
    assert {field.type for field in catalog.facets(KINDS)} <= {"term", "flag", "hierarchy"}
    assert [field.name for field in catalog.filters(["live"]) if "live" not in field.kinds] == []


@pytest.mark.parametrize(
    "broken",
    [
        "filters: {brand: {label: Brand, type: terms, field: b, kinds: [product]}}\nsorts: {}\nfacet_size: 3",
        "a: 1",
        "",
        "{",
    ],
)
def test_fields_that_are_wrong_name_the_file(copied: Path, broken: str) -> None:
    (copied / "fields.yml").write_text(broken, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mappings/fields\.yml"):
        load_fields(copied)

"""A lexicon: what it answers, and that what is written comes back, whole or not at all."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.understand.categories import CategoryModel
from api.understand.dictionaries import Entry
from api.understand.lexicon import Lexicon, shape_of
from api.understand.lexicon_files import CATEGORIES, DICTIONARIES, FORMAT, VOCABULARY, digests, pack
from api.understand.vocabulary import GROUPS, Vocabulary, key_of, plural, singular, words_of
from stack.errors import ConfigError
from stack.published import Shelf, Version
from stack.settings import ROOT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Étui Cuir, 17 inch", ["etui", "cuir", "17in"]),
        ('17" Monitor', ["17in", "monitor"]),
        ("256 GB SSD", ["256gb", "ssd"]),
        ("Intel® Core™2 Duo", ["intel", "core", "2", "duo"]),
        ("USB-C / Wi-Fi_6", ["usb", "c", "wi", "fi", "6"]),
        ("Größe Ærø ŁÓDŹ", ["grosse", "aero", "lodz"]),
        ("ﬁlter ＡＢ１", ["filter", "ab1"]),
        ("耳机 наушники", ["耳机", "наушники"]),
        ("x" * 41 + " y", ["y"]),
        (" -_- ", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert key_of(text) == " ".join(words)


def test_units_are_those_of_the_index() -> None:
    """Else `256 GB` would be one word in the index and two in the lexicon."""
    from api.understand.vocabulary import INCHES, UNITS

    filters = json.loads((ROOT / "mappings/components/analysis.json").read_text())["analysis"]["char_filter"]
    for name, pattern in (("souk_units", UNITS), ("souk_inches", INCHES)):
        assert filters[name]["pattern"].removeprefix("(?i)") == pattern.pattern


@pytest.mark.parametrize(
    ("one", "many"),
    [("battery", "batteries"), ("case", "cases"), ("switch", "switches"), ("mouse", "mice"), ("box", "boxes")],
)
def test_numbers_of_nouns(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one


@pytest.mark.parametrize("word", ["glass", "bus", "lens", "gas", "tv", "chassis"])
def test_what_is_no_plural_stays(word: str) -> None:
    assert singular(word) == word


def lexicon(**parts: Any) -> Lexicon:
    words = {"smart": 5, "watch": 7, "smartwatch": 40, "headphones": 9, "hp": 60, "hub": 1, "wireless": 1}
    return Lexicon.of(
        words, documents=100, bigrams={("smart", "watch"): 3, ("watch", "nosuch"): 9}, protected=["hp"],
        things=["watch"], entries=[Entry("hp", "brand", "HP", "brand", 60)], **parts,
    )  # fmt: skip


def test_counts_idf_and_bigrams() -> None:
    built = lexicon()
    assert (built.count("smartwatch"), built.count("nosuch")) == (40, 0)
    assert built.idf("hp") == pytest.approx(math.log(1 + 40.5 / 60.5))
    assert built.idf("nosuch") > built.idf("hub") > built.idf("hp") > 0
    assert (built.bigram("smart", "watch"), built.bigram("watch", "smart"), built.bigram("watch", "nosuch")) == (
        3,
        0,
        0,
    )
    assert dict(built.words)["watch"] == 7
    assert list(built.words) == sorted(built.words)


@pytest.mark.parametrize(
    ("word", "kept"), [("hp", True), ("dv7", True), ("watch", False), ("2020", False), ("tn2110x", True)]
)
def test_brands_and_model_numbers_are_never_corrected(word: str, kept: bool) -> None:
    assert lexicon().protected(word) is kept


@pytest.mark.parametrize(
    ("word", "shape"), [("tn2110", "a9999"), ("dv71211ea", "a99999a"), ("DV7", "a9"), ("12345678", "99999")]
)
def test_shapes(word: str, shape: str) -> None:
    assert shape_of(word) == shape


def test_categories_of_a_table() -> None:
    built = lexicon(categories={"watch": [(f"C{place}", 0.1) for place in range(9)]})
    assert len(built.categories("watch")) == 5
    assert built.categories("other") == ()


def a_model() -> CategoryModel:
    return CategoryModel(
        labels=("", "Audio > Headphones", "Watches"), features={"headphones": 0, "watch": 1}, grams=(4,),
        idf=np.array([1, 2], np.float32), starts=np.array([0, 2, 3]), classes=np.array([0, 1, 2], np.int32),
        weights=np.array([-3, 4, 5], np.float32), bias=np.array([1, 0, 0], np.float32),
        raw=np.array([0.0, 1.0]), calibrated=np.array([0.0, 0.9]), least=0.02,
    )  # fmt: skip


def published(tmp_path: Path, built: Lexicon, **about: Any) -> Version:
    shelf = Shelf(tmp_path, "lexicon")
    files = pack(built)
    with shelf.publishing("v1", {"format": FORMAT, "files": digests(files)} | about) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
    return shelf.get("v1")


def test_what_was_published_comes_back(tmp_path: Path) -> None:
    built = replace(
        lexicon(), shapes={"a9999": 0.9}, classifier=a_model(),
        vocabulary=Vocabulary.of(
            {"a": 3, "ü": 2}, {"a": [1, 0, 0, 2, 0, 0, 0, 3], "ü": [2, *[0] * 7]}, {("a", "ü"): 2}
        ),
    )  # fmt: skip
    found = Lexicon.load(published(tmp_path, built))
    assert found.version == "v1"
    assert dict(found.words) == {"a": 3, "ü": 2}
    assert found.counts("a") == dict(zip(GROUPS, [1, 0, 0, 2, 0, 0, 0, 3], strict=True))
    assert found.counts("nosuch") == {}
    assert (found.bigram("a", "ü"), found.bigram("ü", "a")) == (2, 0)
    assert (found.entries, found.things, found.kept, found.documents) == (built.entries, built.things, built.kept, 100)
    assert found.model_share("zz1234") == 0.9
    assert found.categories("headphones") == built.categories("headphones") != ()


def test_the_same_lexicon_gives_the_same_bytes() -> None:
    assert pack(replace(lexicon(), classifier=a_model())) == pack(replace(lexicon(), classifier=a_model()))


def test_a_lexicon_without_words_comes_back(tmp_path: Path) -> None:
    found = Lexicon.load(published(tmp_path, Lexicon.of({}, documents=3)))
    assert (len(found.words), found.bigram("a", "b"), found.categories("a")) == (0, 0, ())


@pytest.mark.parametrize("name", [VOCABULARY, DICTIONARIES, CATEGORIES])
@pytest.mark.parametrize("damage", ["cut short", "gone", "changed", "foreign"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, damage: str) -> None:
    version = published(tmp_path, replace(lexicon(), classifier=a_model()))
    file = version.folder / name
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut short": content[:-9], "changed": content[:-1] + b"?", "foreign": b"hello"}[damage])
    if damage == "foreign":  # with the digest of what it is
        version.about["files"][name] = digests({name: b"hello"})[name]
    with pytest.raises(ConfigError, match=name) as caught:
        Lexicon.load(version)
    assert "souk understand" in caught.value.remedy


@pytest.mark.parametrize(
    "about",
    [{"format": 99}, {"format": None}, {"files": None}, {"files": {}}, {"files": {"../../etc/passwd": "00"}}],
)
def test_a_foreign_version_is_refused(tmp_path: Path, about: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"about\.json"):
        Lexicon.load(published(tmp_path, lexicon(), **about))


@pytest.mark.parametrize("change", [{"classes": np.array([0, 1, 7], np.int32)}, {"bias": np.zeros(2, np.float32)}])
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """Else the first query would fail, in the middle of a search."""
    with pytest.raises(ConfigError, match=CATEGORIES):
        Lexicon.load(published(tmp_path, replace(lexicon(), classifier=replace(a_model(), **change))))


def test_a_pickle_is_not_run(tmp_path: Path) -> None:
    import io

    version = published(tmp_path, lexicon())
    hostile = io.BytesIO()
    np.savez(hostile, words=np.array([{"a": 1}], object), allow_pickle=True)
    (version.folder / VOCABULARY).write_bytes(hostile.getvalue())
    version.about["files"] |= digests({VOCABULARY: hostile.getvalue()})
    with pytest.raises(ConfigError, match=VOCABULARY):
        Lexicon.load(version)


def test_serving_loads_no_training_library() -> None:
    """Hundreds of MB in each API process."""
    code = (
        "import sys; from api.understand.lexicon import Lexicon; import api.understand.lexicon_files;"
        "print([name for name in ('sklearn', 'scipy', 'learn', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

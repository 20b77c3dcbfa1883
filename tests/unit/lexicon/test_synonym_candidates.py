"""Candidates for synonyms: each source on products made for it, and the file that a human reads."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from lexicon_catalogue import product

from learn.lexicon.synonyms import abbreviations, alike, querylog, spellings, values
from learn.lexicon.synonyms.candidate import Candidate, as_text, choose, known_groups
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.rules import load_synonym_rules
from learn.lexicon.synonyms.vectors import Similarity
from stack.errors import ConfigError, InputError
from stack.mappings import read_synonyms
from stack.settings import ROOT

RULES = load_synonym_rules(ROOT / "mappings")

# Terms of one row point the same way; all others are apart.
SENSES = [
    ("rack mount", "rackmount"),
    ("grey", "gray"),
    ("shaver", "razor"),
    ("multimode", "singlemode"),
    ("red", "green"),
]


def encode(terms: list[str]) -> np.ndarray:
    found = np.zeros((len(terms), 500), np.float32)
    for row, term in enumerate(terms):
        sense = next((place for place, listed in enumerate(SENSES) if term in listed), None)
        found[row, 10 + sum(map(ord, term)) % 480 if sense is None else sense] = 1
    return found


def collection(*titles: str, **fields: object) -> Collection:
    found = Collection()
    for place, title in enumerate(titles):
        found.add(product(f"p{place}", title, **fields))
    return found


def rules(candidates: Iterable[Candidate]) -> set[str]:
    return {candidate.rule for candidate in candidates}


@pytest.mark.parametrize(
    ("short", "words", "long"),
    [
        ("UPS", "Rack Tower uninterruptible power supply", "uninterruptible power supply"),
        ("PoE", "Power over Ethernet", "power over ethernet"),
        ("TPM", "Trusted-Platform Module", "trusted platform module"),
        ("QS", "quality of service", "quality of service"),
        ("LED", "Lamp", None),
        ("ABC", "something else entirely", None),
    ],
)
def test_abbreviations_are_letters_of_the_words(short: str, words: str, long: str | None) -> None:
    assert abbreviations.spelt_out(short, words) == long


def test_abbreviations_that_the_catalogue_spells_out() -> None:
    found = collection(*["APC power distribution unit (PDU)"] * 4, *["APC PDU 16 A"] * 4, *["MS Office (big one)"] * 9)
    assert rules(abbreviations.candidates(found, RULES.abbreviations)) == {"pdu, power distribution unit"}


def test_an_abbreviation_that_mostly_means_something_else_is_left_out() -> None:
    found = collection(*["Sony memory stick (MS)"] * 4, *["MS Windows"] * 40)
    assert rules(abbreviations.candidates(found, RULES.abbreviations)) == set()


def test_one_word_or_two() -> None:
    found = collection(*["APC rack mount kit"] * 3, *["APC rackmount kit", "APC side de lux"] * 3, *["si de"] * 3)
    assert rules(spellings.candidates(found, Similarity(encode), RULES.spellings)) == {"rack mount, rackmount"}


def test_a_value_and_the_word_of_titles() -> None:
    found = Collection()
    for place in range(9):
        found.add(product(f"g{place}", f"Cable {place} gray", attributes={"product colour": "Grey"}))
        found.add(product(f"b{place}", f"Cable {place} black", attributes={"product colour": "Black"}))
    assert rules(values.candidates(found, Similarity(encode), RULES)) == {"grey, gray"}


def test_words_used_alike_but_no_alternatives() -> None:
    found = Collection()
    for noun, count in (("shaver", 9), ("razor", 9), ("multimode", 9), ("singlemode", 9), ("red", 9), ("green", 9)):
        for place in range(count):
            colour = {"attributes": {"product colour": noun}} if noun in ("red", "green") else {}
            found.add(product(f"{noun}{place}", f"Philips electric {noun} with charger {place}", **colour))
    found.add(product("parts", "multi mode and single mode, mode by mode"))
    pairs = [candidate.key for candidate in alike.candidates(found, Similarity(encode), RULES.alike)]
    assert pairs == [frozenset({"razor", "shaver"})]


@pytest.mark.parametrize(
    ("one", "two", "terms"),
    [
        ("sofa cover", "couch cover", ("sofa", "couch")),
        ("cover for sofa", "cover for couch", ("sofa", "couch")),
        ("smart watch", "smartwatch", ("smart watch", "smartwatch")),
        ("sofa", "sofa cover", None),
        ("a a", "a", None),
    ],
)
def test_where_two_queries_differ(one: str, two: str, terms: tuple[str, str] | None) -> None:
    assert querylog.difference(one.split(), two.split()) == terms


def test_queries_that_share_clicks() -> None:
    clicks = {
        "sofa cover": Counter({"p1": 9, "p2": 3}), "couch cover": Counter({"p1": 7}), "tv": Counter({"p9": 9}),
        "lamp": Counter({"p2": 1}),
    }  # fmt: skip
    assert rules(querylog.candidates(clicks, RULES.query_log)) == {"couch, sofa"}


def write(file: Path, rows: list[object]) -> Path:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


EVENTS = [
    {"query_id": "1", "action_name": "item_click", "product_id": "p1"},
    {"query_id": "1", "action_name": "product_hover", "product_id": "p2"},
    {"query_id": "2", "action_name": "add_to_cart", "event_attributes": {"object": {"object_id": "p1"}}},
    {"query_id": "3", "action_name": "click", "object_id": "p1"},
]
QUERIES = [{"query_id": "1", "user_query": " Sofa  COVER "}, {"query_id": "2", "user_query": "couch"}]


@pytest.mark.parametrize("order", [1, -1])
def test_clicks_of_a_ubi_log(tmp_path: Path, order: int) -> None:
    files = [write(tmp_path / "q.jsonl.gz", [*QUERIES, ""]), write(tmp_path / "e.jsonl", EVENTS)]
    assert querylog.read_clicks(files[::order]) == {"sofa cover": Counter(p1=1), "couch": Counter(p1=1)}


@pytest.mark.parametrize(
    ("rows", "what"),
    [(["{"], "q.jsonl:1"), ([QUERIES[0], "[]"], "q.jsonl:2"), ([], "no click has a query"), (EVENTS, "3 clicks")],
)
def test_a_log_that_says_nothing_is_named(tmp_path: Path, rows: list[object], what: str) -> None:
    with pytest.raises(InputError, match=what):
        querylog.read_clicks([write(tmp_path / "q.jsonl", rows)])


def test_a_log_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone"):
        querylog.read_clicks([tmp_path / "gone.jsonl.gz"])


def test_what_is_known_and_what_only_differs_in_number_is_left_out() -> None:
    known = known_groups(["tv, tvs, television => tv, television", "smart watch, smartwatch"])
    found = [
        Candidate(("television", "tv"), 0.9, "x", ""), Candidate(("smartwatch", "smart watches"), 0.9, "x", ""),
        Candidate(("cable", "cables"), 0.9, "x", ""), Candidate(("grey", "gray"), 0.5, "x", ""),
        Candidate(("gray", "grey"), 0.6, "y", ""), Candidate(("tv", "telly"), 0.7, "x", ""),
    ]  # fmt: skip
    chosen = choose(found, known, 10)
    assert [(each.rule, each.source) for each in chosen] == [("tv, telly", "x"), ("gray, grey", "y")]
    assert choose(found, known, 1) == chosen[:1]


def test_the_file_is_a_synonym_file(tmp_path: Path) -> None:
    """What a human accepts can be copied as it is."""
    file = tmp_path / "candidates.txt"
    file.write_text(as_text([Candidate(("grey", "gray"), 0.8, "value and title", "598 products")], "en"))
    assert read_synonyms(file) == ["grey, gray"]
    assert "# 0.80 value and title: 598 products" in file.read_text()


def test_every_mistake_of_the_rules_is_named(tmp_path: Path) -> None:
    (tmp_path / "understand").mkdir()
    given = (ROOT / "mappings" / "understand" / "synonyms.yml").read_text()
    wrong = given.replace("min_products: 3", "min_products: 0").replace("short: 4", "shorts: 4")
    (tmp_path / "understand" / "synonyms.yml").write_text(wrong)
    with pytest.raises(ConfigError) as caught:
        load_synonym_rules(tmp_path)
    for part in ("abbreviations.min_products", "alike.short:", "alike.shorts"):
        assert part in str(caught.value)

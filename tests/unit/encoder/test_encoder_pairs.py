"""Pairs say what belongs together: query-like words, passages that ingestion embeds, and only what was rated."""

from __future__ import annotations

import pytest
from encoder_material import product, rules, shop

from learn.encoder.pairs import catalogue_pairs, judged_pairs, phrases_of, words_of
from stack.embedding.text import PASSAGE_BREAK, document_text

SHOP = shop()
BY_ID = {document.id: document for document in SHOP}
PASSAGES = {passage: document.id for document in SHOP for passage in document_text(document).split(PASSAGE_BREAK)}


@pytest.mark.parametrize(
    ("title", "longest", "phrases"),
    [
        ("HP Black toner, 6 pcs", 2, ["hp", "hp black", "black", "black toner", "toner", "pcs"]),
        ("Bag for notebook", 3, ["bag", "bag for notebook", "notebook"]),
        ("Wi-Fi adapter", 3, ["wi", "wi fi", "wi fi adapter", "fi", "fi adapter", "adapter"]),
        ('dv7-1211ea 17" 256GB', 3, []),
        ("", 3, []),
        ("toner toner", 1, ["toner"]),
    ],
)
def test_phrases_are_runs_of_words_without_numbers(title: str, longest: int, phrases: list[str]) -> None:
    assert phrases_of(title, longest) == phrases


def test_title_pairs_hold_what_the_document_says_beside_its_title() -> None:
    pair = next(pair for pair in catalogue_pairs(SHOP, rules(), 7) if pair.family == "title")
    assert pair.anchor == "Acme X100 toner cartridge black"
    assert "Model 0 lasts 2 years" in pair.positive
    assert "colour Black" in pair.positive
    assert pair.anchor not in pair.positive


def test_a_description_that_repeats_the_title_makes_no_pair() -> None:
    silent = product(1, "Acme toner cartridge", brand="Acme", description="Toner cartridge. ACME")
    assert [pair.family for pair in catalogue_pairs([silent], rules(), 7)] == []


def test_phrase_pairs_are_frequent_words_of_the_title_with_a_passage_that_is_embedded() -> None:
    pairs = [pair for pair in catalogue_pairs(SHOP, rules(), 7) if pair.family == "phrase"]
    assert len(pairs) == len(SHOP)
    for pair in pairs:
        assert pair.positive in PASSAGES
        title = BY_ID[PASSAGES[pair.positive]].title
        assert words_of(pair.anchor) <= words_of(title)
        assert not any(char.isdigit() for char in pair.anchor)


def test_a_rare_phrase_and_a_bare_brand_are_no_queries() -> None:
    odd = product(900, "Acme Flurbelschnitz")
    anchors = {
        pair.anchor for pair in catalogue_pairs([*SHOP, odd], rules(phrase_brand=0), 7) if pair.family == "phrase"
    }
    assert "flurbelschnitz" not in anchors
    assert not anchors & {"acme", "zenit", "nordic"}


def test_brands_come_in_front_as_often_as_declared() -> None:
    def branded(share: float) -> int:
        pairs = catalogue_pairs(SHOP, rules(phrase_brand=share), 7)
        starts = tuple(f"{brand} " for brand in ("acme", "zenit", "nordic"))
        return sum(pair.anchor.startswith(starts) for pair in pairs if pair.family == "phrase")

    assert branded(1.0) == len(SHOP)
    assert branded(0.0) < branded(0.5) < branded(1.0)


def test_the_same_seed_gives_the_same_pairs_and_another_gives_others() -> None:
    assert catalogue_pairs(SHOP, rules(), 7) == catalogue_pairs(SHOP, rules(), 7)
    assert catalogue_pairs(SHOP, rules(), 7) != catalogue_pairs(SHOP, rules(), 8)


def test_judged_pairs_set_a_relevant_document_against_one_rated_zero() -> None:
    pairs = judged_pairs({"toner": {"p0": 3, "p6": 1, "p1": 0}}, BY_ID, {}, 7)
    assert {PASSAGES[pair.positive] for pair in pairs} == {"p0", "p6"}
    assert {PASSAGES[pair.negative] for pair in pairs} == {"p1"}
    assert {pair.anchor for pair in pairs} == {"toner"}


def test_bm25_gives_the_negatives_where_nothing_is_rated_zero() -> None:
    pairs = judged_pairs({"toner": {"p0": 3}}, BY_ID, {"toner": ["p0", "p7"]}, 7)
    assert [PASSAGES[pair.negative] for pair in pairs] == ["p7"]


@pytest.mark.parametrize(
    "ratings",
    [{"toner": {"p0": 3}}, {"toner": {"p1": 0}}, {"toner": {"gone": 3, "p1": 0}}, {"toner": {"p0": 3, "gone": 0}}],
    ids=["no negative", "nothing relevant", "relevant unknown", "zero unknown"],
)
def test_what_cannot_be_learned_from_makes_no_pair(ratings: dict[str, dict[str, int]]) -> None:
    assert judged_pairs(ratings, BY_ID, {}, 7) == []

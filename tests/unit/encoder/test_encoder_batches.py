"""A batch teaches nothing false: what fits another's anchor is not among its negatives."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from encoder_material import rules, shop

from learn.encoder.batches import batches
from learn.encoder.pairs import Pair, catalogue_pairs, words_of

PAIRS = catalogue_pairs(shop(), rules(), 7)
SHARES = rules().shares


def take(count: int, pairs: list[Pair] = PAIRS, size: int = 4, seed: int = 7) -> list[list[Pair]]:
    return list(islice(batches(pairs, size, SHARES, seed), count))


def test_no_text_of_a_batch_answers_another_pairs_anchor() -> None:
    looked_at = 0
    for batch in take(200):
        for pair in batch:
            for other in batch:
                if other is not pair:
                    looked_at += 1
                    for text in filter(None, (other.positive, other.negative)):
                        assert not words_of(pair.anchor) <= words_of(text), (pair, other)
    assert looked_at > 500


def test_a_relevant_document_is_no_negative_of_the_same_query() -> None:
    judged = [Pair("judged", "lamp", f"Light {number}", f"Mouse {number}") for number in range(8)]
    others = [Pair("judged", f"query{number}", f"Thing {number}", f"Mouse {number}") for number in range(8)]
    for batch in take(30, [*judged, *others]):
        assert Counter(pair.anchor for pair in batch)["lamp"] <= 1


def test_every_pair_gets_its_turn() -> None:
    seen = Counter(pair for batch in take(400) for pair in batch)
    assert set(seen) == set(PAIRS)


def test_batches_are_of_one_family_in_the_declared_proportion() -> None:
    made = take(400)
    families = [{pair.family for pair in batch} for batch in made]
    assert all(len(names) == 1 for names in families)
    titles = sum(names == {"title"} for names in families)
    assert 80 <= titles <= 160  # 0.3 of 400, there is nothing judged


def test_the_same_seed_gives_the_same_batches() -> None:
    assert take(20) == take(20)
    assert take(20) != take(20, seed=8)


def test_without_pairs_there_are_no_batches() -> None:
    assert take(3, []) == []

"""Exact search and fusion as evaluation uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from encoder_material import judgments

from learn.encoder.evaluate import embed, exact_run, figures, hybrid_run
from stack.documents import Product
from stack.embedding.card import ModelCard
from stack.embedding.vectors import VectorCache
from stack.rules import load_rules
from stack.settings import ROOT

RULES = load_rules(ROOT / "mappings")
IDS = ["a", "b", "c", "d"]
DOCUMENTS = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
EAST = {"east": np.array([1, 0], np.float32)}


def test_the_nearest_come_first_with_their_cosines() -> None:
    assert exact_run(EAST, IDS, DOCUMENTS, 3) == {"east": [("a", 1.0), ("b", pytest.approx(0.6)), ("c", 0.0)]}


@pytest.mark.parametrize(
    ("depth", "least", "found"), [(2, -1.0, "ab"), (9, -1.0, "abcd"), (9, 0.5, "ab"), (9, 1.1, "")]
)
def test_depth_and_least_cosine_bound_the_list(depth: int, least: float, found: str) -> None:
    assert [id_ for id_, _ in exact_run(EAST, IDS, DOCUMENTS, depth, least)["east"]] == list(found)


def test_equal_cosines_are_ordered_by_id() -> None:
    same = np.ones((3, 2), np.float32)
    assert [id_ for id_, _ in exact_run(EAST, ["c", "a", "b"], same, 3)["east"]] == ["a", "b", "c"]


def test_nothing_to_search_gives_nothing() -> None:
    assert exact_run(EAST, [], np.empty((0, 2), np.float32), 5) == {"east": []}


def test_fusion_puts_first_what_both_find() -> None:
    vector = exact_run(EAST, IDS, DOCUMENTS, 3)
    fused = hybrid_run({"east": [("b", 9.0), ("a", 8.0), ("z", 1.0)]}, vector, RULES, "product")
    ranked = [id_ for id_, _ in fused["east"]]
    assert set(ranked[:2]) == {"a", "b"}
    assert set(ranked) == {"a", "b", "c", "z"}


def test_a_query_that_no_word_matches_keeps_its_vectors_order() -> None:
    vector = exact_run(EAST, IDS, DOCUMENTS, 3)
    assert [id_ for id_, _ in hybrid_run({}, vector, RULES, "product")["east"]] == ["a", "b", "c"]


def test_figures_are_of_the_vectors_alone_and_fused() -> None:
    rated = judgments({"east": {"c": 3, "a": 0}})
    lexical = {"east": [("c", 5.0), ("b", 0.1)]}
    alone = figures(EAST, IDS, DOCUMENTS, rated, None, RULES, "product")
    both = figures(EAST, IDS, DOCUMENTS, rated, lexical, RULES, "product")
    assert alone.hybrid is None
    assert alone.vector["nDCG@10"]["east"] == 0  # its cosine of 0 is below the least that the route returns
    assert both.hybrid is not None
    assert both.hybrid["nDCG@10"]["east"] > 0


class CountingEncoder:
    card = ModelCard("counting", 2, "0")

    def __init__(self) -> None:
        self.texts = 0

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        self.texts += len(texts)
        return np.array([[len(text), 1] for text in texts], np.float32)


def test_what_was_embedded_once_is_taken_from_the_cache(tmp_path: Path) -> None:
    documents = [
        Product.model_validate({"id": str(n), "title": "x" * (n + 1), "updated_at": "2026-01-01T00:00:00Z"})
        for n in range(150)
    ]
    encoder, told = CountingEncoder(), []
    cache = VectorCache(tmp_path, encoder.card)
    first = embed(documents, encoder, cache, told.append)  # type: ignore[arg-type]
    again = embed(documents, encoder, cache, told.append)  # type: ignore[arg-type]
    assert encoder.texts == 150
    assert (first[:, 0] == np.arange(1, 151)).all()
    assert (first == again).all()
    assert told == [64, 128, 150] * 2

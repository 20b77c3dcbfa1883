"""Sketches: what comes back is the signs, and they agree as far as the vectors are near."""

from __future__ import annotations

import numpy as np
import pytest

from stack.embedding.sketch import signs_of, sketch


def vectors(count: int, dimension: int, seed: int = 1) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("dimension", [2, 8, 13, 384, 768])
def test_the_signs_come_back(dimension: int) -> None:
    rows = vectors(5, dimension)
    signs = signs_of([sketch(row) for row in rows], dimension)
    assert signs.shape == (5, dimension)
    assert (np.sign(signs) == np.where(rows > 0, 1, -1)).all()
    assert np.linalg.norm(signs, axis=1) == pytest.approx(1, abs=1e-5)
    alike = [(np.sign(row) == np.sign(rows[0])).mean() for row in rows]
    assert signs @ signs[0] == pytest.approx(2 * np.array(alike) - 1, abs=1e-5)


def test_a_sketch_of_384_dimensions_is_64_characters() -> None:
    assert len(sketch(vectors(1, 384)[0])) == 64


def test_agreement_rises_with_the_cosine() -> None:
    """Two documents whose vectors are near have near sketches: 1 − 2θ/π in expectation (Charikar 2002)."""
    first, other = vectors(2, 384)
    other -= (other @ first) * first
    other /= np.linalg.norm(other)
    angles = np.linspace(0, np.pi, 13)
    mixed = [np.cos(angle) * first + np.sin(angle) * other for angle in angles]
    agreements = signs_of([sketch(row) for row in mixed], 384) @ signs_of([sketch(first)], 384)[0]
    assert agreements == pytest.approx(1 - 2 * angles / np.pi, abs=0.12)
    assert (np.diff(agreements) < 0).all()


def test_many_sketches_order_documents_nearly_as_their_vectors_do() -> None:
    draw = np.random.default_rng(5)
    query = vectors(1, 384, seed=9)[0]
    rows = vectors(300, 384) + draw.random((300, 1)).astype(np.float32) * query * 2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines, found = rows @ query, signs_of([sketch(row) for row in rows], 384) @ query
    assert np.corrcoef(cosines, found)[0, 1] > 0.97


@pytest.mark.parametrize("broken", [None, "", "!", "AA", "AA==", "é" * 64, "A" * 60, "A" * 68])
def test_a_sketch_that_is_none_is_like_nothing(broken: str | None) -> None:
    row = vectors(1, 384)[0]
    signs = signs_of([broken, sketch(row)], 384)
    assert not signs[0].any()
    assert signs[0] @ signs[1] == 0
    assert signs[1] @ signs[1] == pytest.approx(1, abs=1e-5)


def test_no_sketches_are_no_rows() -> None:
    assert signs_of([], 384).shape == (0, 384)

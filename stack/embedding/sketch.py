"""Sketches: the signs of a vector's coordinates as a short text, to compare documents with each other in the API.

Of two unit vectors the share of coordinates with the same sign grows with their cosine (Charikar 2002, "Similarity
Estimation Techniques from Rounding Algorithms"). A sketch of 384 dimensions is 64 characters of a column, which comes
with a hit for nothing; the vectors themselves would be 400 kB of JSON for 100 hits. On the dev queries a ranker that
compared by sketches was as good as one that had the vectors (docs/decisions/ranking.md).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.float32]


def sketch(vector: NDArray[np.float32]) -> str:
    """A vector `(d,)` → base64 of its d sign bits."""
    return base64.b64encode(np.packbits(vector > 0).tobytes()).decode()


def signs_of(sketches: Sequence[str | None], dimension: int) -> Signs:
    """n sketches → `(n, d)` float32 of ±1/√d, so that the product of two rows is their agreement, -1 to 1.

    A sketch that is missing, or of another dimension, is a row of zeros: like nothing.
    """
    size = (dimension + 7) // 8
    packed = _all_at_once(sketches, size)
    if packed is None:
        packed, known = _one_by_one(sketches, size)
    else:
        known = np.ones(len(sketches), bool)
    bits = np.unpackbits(packed, axis=1, count=dimension).astype(np.float32)
    rows: Signs = (bits * 2 - 1) * (known[:, None] / np.sqrt(dimension)).astype(np.float32)
    return rows


def _all_at_once(sketches: Sequence[str | None], size: int) -> NDArray[np.uint8] | None:
    """The usual case, ten times as fast: all are there, of a size that base64 does not pad, so they can be joined."""
    if size % 3 or not all(sketch and len(sketch) == size // 3 * 4 for sketch in sketches):
        return None
    raw = _bytes("".join(map(str, sketches)))
    return np.frombuffer(raw, np.uint8).reshape(-1, size) if len(raw) == size * len(sketches) else None


def _one_by_one(sketches: Sequence[str | None], size: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    packed = np.zeros((len(sketches), size), np.uint8)
    known = np.zeros(len(sketches), bool)
    for place, text in enumerate(sketches):
        raw = _bytes(text)
        if len(raw) == size:
            packed[place], known[place] = np.frombuffer(raw, np.uint8), True
    return packed, known


def _bytes(text: str | None) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if text else b""
    except ValueError:
        return b""

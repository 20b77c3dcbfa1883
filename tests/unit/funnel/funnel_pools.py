"""Small pools of candidates for the tests of the funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.funnel.pool import Pool
from stack.documents import Kind
from stack.embedding.sketch import sketch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIMENSION = 32
ENGINE = ("text_cosine", "title_bm25", "title_bm25_exact", "description_bm25", "attributes_bm25", "all_fields_bm25")
DAY_MS = 86_400_000


def unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Rows of length 1."""
    scaled: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return scaled


def make_pool(size: int, seed: int = 1, kind: Kind = "product", **changes: Any) -> Pool:
    """Candidates with random scores and sketches, best first as the first stage leaves them."""
    draw = np.random.default_rng(seed)
    vectors = unit(draw.normal(size=(size, DIMENSION)))
    known: dict[str, Any] = {
        "kind": kind,
        "ids": tuple(f"p{place}" for place in range(size)),
        "fused": np.sort(draw.random(size))[::-1],
        "lexical": draw.random(size) * 20,
        "vector": draw.random(size),
        "engine": {name: draw.random(size) * 5 for name in ENGINE},
        "columns": {
            "text_sketch": [sketch(vector) for vector in vectors],
            "title_sketch": [sketch(vector) for vector in unit(vectors + draw.normal(size=vectors.shape) / 9)],
        },
        "query_vector": unit(draw.normal(size=DIMENSION)),
        "now": NOW,
        "heartbeat_s": 120,
    }
    return Pool(**(known | changes))


def with_columns(pool_size: int, kind: Kind = "product", **columns: Sequence[Any]) -> Pool:
    """A pool with only these columns."""
    given: Mapping[str, Sequence[Any]] = columns
    return make_pool(pool_size, kind=kind, columns=given)

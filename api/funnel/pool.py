"""The candidates of one kind as arrays: what pool features are computed from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.rooms import NO_ROOMS, Rooms
from stack.documents import Kind
from stack.embedding.sketch import Signs, signs_of

Values = NDArray[np.float64]
Column = Sequence[Any]

# The columns that pool features read, beside those that are features themselves.
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "product": ("text_sketch", "title_sketch", "category_path", "price", "rating", "rating_count", "created_at"),
    "video": ("text_sketch", "title_sketch", "published_at"),
    "live": ("text_sketch", "title_sketch", "status", "heartbeat_at", "updated_at"),
}
DATES = ("created_at", "published_at", "heartbeat_at", "updated_at")


@dataclass(frozen=True)
class Pool:
    """n candidates of a kind, in first-stage order. `engine` has the named queries' scores (n,), `columns` a list of
    n values each (None where a document has none), `query_vector` (d,)."""

    kind: Kind
    ids: tuple[str, ...]
    fused: Values
    lexical: Values
    vector: Values
    engine: Mapping[str, Values]
    columns: Mapping[str, Column]
    query_vector: NDArray[np.float32]
    now: datetime
    heartbeat_s: int
    rooms: Rooms = NO_ROOMS
    _known: dict[str, Values] = field(default_factory=dict)

    def once(self, name: str, compute: Callable[[], Values]) -> Values:
        """A value that several features need, computed at the first."""
        if name not in self._known:
            self._known[name] = compute()
        return self._known[name]

    @property
    def size(self) -> int:
        return len(self.ids)

    def scores(self, name: str) -> Values:
        """A named query's scores (n,); zeros where the kind has no such feature."""
        found = self.engine.get(name)
        return np.zeros(self.size) if found is None else found

    def column(self, name: str) -> Column:
        """A column of n values; Nones where it was not asked for."""
        return self.columns.get(name) or [None] * self.size

    @cached_property
    def text_signs(self) -> Signs:
        """Sketches of the documents (n, d)."""
        return signs_of(self.column("text_sketch"), len(self.query_vector))

    @cached_property
    def title_cosine(self) -> Values:
        """Nearness of the query's vector and the titles' signs (n,), moved to 0 … 1 as the engine moves a cosine; 0 for
        a document without a sketch."""
        signs = signs_of(self.column("title_sketch"), len(self.query_vector))
        return np.where(signs.any(axis=1), (1 + signs @ self.query_vector) / 2, 0.0).astype(np.float64)

    @cached_property
    def likeness(self) -> Values:
        """Agreement of each two candidates (n, n), -1 to 1; itself -1."""
        found = np.asarray(self.text_signs @ self.text_signs.T, dtype=np.float64)
        np.fill_diagonal(found, -1.0)
        return found


def places(values: Values) -> Values:
    """The place of each value along the last axis, best 0; equal values share the mean of their places.

    Counted, not sorted: how many are above, and half of those that are equal.
    """
    ordered = np.sort(values, axis=-1)
    if values.ndim == 1:
        above, upto = np.searchsorted(ordered, values, "right"), np.searchsorted(ordered, values, "left")
        return np.asarray(values.size - (above + upto + 1) / 2)
    return np.stack([places(row) for row in values])


def share_of_best(values: Values) -> Values:
    """The values beside the largest, 0 to 1."""
    best = values.max(initial=0.0)
    return values / best if best > 0 else np.zeros(len(values))

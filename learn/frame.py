"""Feature frames: one row a query and document, as they were served; written to Parquet and read back.

Columns `query`, `doc`, `rating` (null: not judged), then the features in the order of their feature set. The file's
metadata name the kind, the feature set and its hash, so that a model is never trained on one set and served another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from stack.documents import Kind
from stack.errors import InputError, Mistake

KEYS = ("query", "doc", "rating")
META = b"souk"


@dataclass(frozen=True)
class FeatureFrame:
    """`values` (n, f) float32 without NaN; `ratings` (n,) float32, NaN where nobody judged; rows of a query adjoin."""

    kind: Kind
    names: tuple[str, ...]
    set_hash: str
    queries: NDArray[np.object_]
    docs: NDArray[np.object_]
    ratings: NDArray[np.float32]
    values: NDArray[np.float32]

    @property
    def data_hash(self) -> str:
        """12 hex digits over rows and values."""
        digest = hashlib.blake2b(digest_size=6)
        for part in ("\n".join(self.queries), "\n".join(self.docs)):
            digest.update(part.encode())
        digest.update(np.nan_to_num(self.ratings, nan=-1).tobytes() + np.ascontiguousarray(self.values).tobytes())
        return digest.hexdigest()

    def column(self, name: str) -> NDArray[np.float32]:
        """The values of one feature (n,). Raises KeyError when there is none of that name."""
        if name not in self.names:
            raise KeyError(name)
        return self.values[:, self.names.index(name)]


def write_frame(frame: FeatureFrame, file: Path) -> None:
    """Write Parquet."""
    ratings = [None if np.isnan(rating) else int(rating) for rating in frame.ratings]
    columns = {"query": pa.array(frame.queries, pa.string()), "doc": pa.array(frame.docs, pa.string())}
    columns["rating"] = pa.array(ratings, pa.int32())
    columns |= {name: pa.array(frame.values[:, place], pa.float32()) for place, name in enumerate(frame.names)}
    meta = {"kind": frame.kind, "names": frame.names, "set_hash": frame.set_hash}
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns).replace_schema_metadata({META: json.dumps(meta).encode()}), file)


def read_frame(file: Path) -> FeatureFrame:
    """Read what `write_frame` wrote. Raises InputError when it is something else or holds what is no number."""
    try:
        table = pq.read_table(file)
        meta = json.loads((table.schema.metadata or {})[META])
        names: Sequence[str] = meta["names"]
        values = np.column_stack([table[name].to_numpy() for name in names]).astype(np.float32)
        ratings = table["rating"].to_numpy(zero_copy_only=False).astype(np.float32)
        queries, docs = (np.array(table[name].to_pylist(), dtype=object) for name in ("query", "doc"))
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        what = f"is not a feature log: {error}"
        raise InputError([Mistake(str(file), what)], "Write one with souk features log") from error
    if not np.isfinite(values).all():
        bad = [name for place, name in enumerate(names) if not np.isfinite(values[:, place]).all()]
        raise InputError([Mistake(str(file), f"not a number in {', '.join(bad)}")], "Log the features again")
    return FeatureFrame(meta["kind"], tuple(names), meta["set_hash"], queries, docs, ratings, values)

"""The rows that are taught: all judged ones, and some unjudged ones as not relevant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learn.train.data import Log
from learn.train.gains import Places
from stack.errors import InputError, Mistake


@dataclass(frozen=True)
class Sample:
    """`values` (n, f), `ratings` (n,) whole numbers from 0, `groups`: how many rows each query has, in order."""

    values: NDArray[np.float32]
    ratings: NDArray[np.int64]
    groups: NDArray[np.int64]


def sample_rows(log: Log, queries: Sequence[str], unjudged: int, draw: np.random.Generator) -> Sample:
    """The judged rows of each query and `unjudged` of its other candidates, rated 0.

    Those are drawn evenly over the ranks, one from each of as many equal stretches: the top ones are near misses that
    a live search would show, the far ones teach what is plainly wrong, which no pool contains. Queries without a
    relevant document are left out: no pair of their rows differs. Raises InputError when none is left.
    """
    parts = [_of_query(log, query, unjudged, draw) for query in log.answerable(queries) if query in log.rows]
    parts = [part for part in parts if np.nan_to_num(log.frame.ratings[part]).any()]
    if not parts:
        what = f"of {len(queries)} training queries none has a relevant document among its candidates"
        raise InputError([Mistake("features", what)], "Log more judged queries, or use fewer folds")
    rows = np.concatenate(parts)
    ratings = np.nan_to_num(log.frame.ratings[rows], nan=0.0).astype(np.int64)
    return Sample(log.frame.values[rows], ratings, np.array([len(part) for part in parts]))


def _of_query(log: Log, query: str, unjudged: int, draw: np.random.Generator) -> Places:
    rows = log.rows[query]
    rated = ~np.isnan(log.frame.ratings[rows])
    chosen = [draw.choice(part) for part in np.array_split(rows[~rated], unjudged or 1) if unjudged and len(part)]
    return np.sort(np.concatenate([rows[rated], np.array(chosen, np.int64)]))

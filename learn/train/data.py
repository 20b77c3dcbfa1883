"""The feature log as training sees it: checked, with the judgments that it is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from learn.frame import FeatureFrame
from learn.judgments import Judgments
from learn.measures import Run
from learn.train.folds import Fold, make_folds
from learn.train.gains import Lists, Places, ideal_dcg
from stack.errors import InputError, Mistake

FUSED = "fused"
HIGHEST = 100
SHOWN = 5


@dataclass(frozen=True)
class Log:
    """A checked feature log and its judgments. `rows` are the places of each query, in the order they were served."""

    frame: FeatureFrame
    judgments: Judgments
    rows: dict[str, Places]

    @property
    def names(self) -> tuple[str, ...]:
        return self.frame.names

    @property
    def fused(self) -> NDArray[np.float64]:
        """The score of the first stage (n,), from 0 to 1."""
        return self.frame.column(FUSED).astype(np.float64)

    @cached_property
    def relevant(self) -> dict[str, set[str]]:
        """The relevant documents of each query."""
        ratings = self.judgments.ratings
        return {query: {doc for doc, rating in docs.items() if rating > 0} for query, docs in ratings.items()}

    @cached_property
    def missed(self) -> dict[str, int]:
        """Query → relevant documents that recall did not return: no order brings them back, they lower the figure."""
        found = {query: set(self.frame.docs[rows]) for query, rows in self.rows.items()}
        counted = {query: len(docs - found.get(query, set())) for query, docs in self.relevant.items()}
        return {query: count for query, count in counted.items() if count}

    def folds(self, queries: Sequence[str], count: int, seed: int) -> list[Fold]:
        """Folds of these queries by family. Raises InputError as `make_folds` does."""
        return make_folds(queries, self.relevant, count, seed)

    def lists(self, queries: Sequence[str]) -> Lists:
        """All candidates of those queries that have a relevant document, to measure on."""
        able = self.answerable(queries)
        empty = np.empty(0, np.int64)
        ideal = [ideal_dcg(self.judgments.ratings[query]) for query in able]
        return Lists.of([self.rows.get(query, empty) for query in able], self.frame.ratings, ideal)

    def answerable(self, queries: Sequence[str]) -> list[str]:
        """Those that have a relevant document; the others teach nothing and have no nDCG."""
        return [query for query in queries if self.relevant.get(query)]

    def places(self, queries: Sequence[str]) -> Places:
        """The rows of these queries."""
        parts = [self.rows[query] for query in queries if query in self.rows]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def run(self, scores: NDArray[np.float64]) -> Run:
        """The order by `scores` (n,); equal ones keep the order in which they were served, as the live path has it."""
        run = {}
        for query, rows in self.rows.items():
            order = rows[np.argsort(-scores[rows], kind="stable")]
            run[query] = [(str(self.frame.docs[row]), float(len(order) - place)) for place, row in enumerate(order)]
        return run

    def without(self, names: Sequence[str]) -> Log:
        """The same log without some features. `fused` stays a feature of it: the blend needs it."""
        kept = [place for place, name in enumerate(self.names) if name not in names or name == FUSED]
        frame = self.frame
        columns = replace(frame, names=tuple(frame.names[place] for place in kept), values=frame.values[:, kept])
        return replace(self, frame=columns)


def read_log(frame: FeatureFrame, judgments: Judgments | None = None, name: str = "features") -> Log:
    """Check a frame. Without `judgments` the rated rows of the frame are all there is to measure on.

    Raises InputError that counts and names ratings out of range, rows that stand twice, values that are no numbers,
    ratings that the judgments contradict, and a log from which nothing can be learnt.
    """
    mistakes = [*_wrong_ratings(frame, name), *_repeated(frame, name), *_not_numbers(frame, name)]
    if FUSED not in frame.names:
        mistakes.append(Mistake(name, f"has no feature {FUSED!r}, the score of the first stage", frame.names[:SHOWN]))
    if judgments is not None:
        mistakes += _contradictions(frame, judgments, name)
    if mistakes:
        raise InputError(mistakes, "Log the features again with souk features log")
    known = judgments or _judgments_of(frame, name)
    rows = {query: np.flatnonzero(frame.queries == query) for query in dict.fromkeys(frame.queries)}
    if not any(np.nan_to_num(frame.ratings) > 0):
        raise InputError([Mistake(name, "no row is rated above 0: nothing can be learnt")], "Log judged queries")
    return Log(frame, known, rows)


def constant_features(frame: FeatureFrame) -> list[str]:
    """Features with one value in all rows: a model cannot use them."""
    return [name for name, width in zip(frame.names, np.ptp(frame.values, axis=0), strict=True) if width == 0]


def _judgments_of(frame: FeatureFrame, name: str) -> Judgments:
    ratings: dict[str, dict[str, int]] = {str(query): {} for query in dict.fromkeys(frame.queries)}
    for row in np.flatnonzero(~np.isnan(frame.ratings)):
        ratings[frame.queries[row]][frame.docs[row]] = int(frame.ratings[row])
    return Judgments(ratings, (name,))


def _row_name(frame: FeatureFrame, row: np.integer | int) -> str:
    return f"query {frame.queries[row]!r}, document {frame.docs[row]}"


def _wrong_ratings(frame: FeatureFrame, name: str) -> list[Mistake]:
    known = np.nan_to_num(frame.ratings, nan=0.0)
    wrong = np.flatnonzero((known < 0) | (known > HIGHEST) | (known != np.round(known)))
    shown = "; ".join(f"{_row_name(frame, row)}: {frame.ratings[row]:g}" for row in wrong[:SHOWN])
    what = f"{len(wrong)} ratings are not whole numbers from 0 to {HIGHEST}: {shown}"
    return [Mistake(name, what)] if len(wrong) else []


def _repeated(frame: FeatureFrame, name: str) -> list[Mistake]:
    seen: set[tuple[str, str]] = set()
    twice = []
    for row, pair in enumerate(zip(frame.queries, frame.docs, strict=True)):
        if pair in seen:
            twice.append(row)
        seen.add(pair)
    shown = "; ".join(_row_name(frame, row) for row in twice[:SHOWN])
    return [Mistake(name, f"{len(twice)} rows stand twice: {shown}")] if twice else []


def _not_numbers(frame: FeatureFrame, name: str) -> list[Mistake]:
    bad = ~np.isfinite(frame.values)
    columns = [f"{frame.names[place]} ({bad[:, place].sum()})" for place in np.flatnonzero(bad.any(axis=0))]
    return [Mistake(name, f"values that are no numbers in {', '.join(columns)}")] if columns else []


def _contradictions(frame: FeatureFrame, judgments: Judgments, name: str) -> list[Mistake]:
    """Rows that the judgments rate otherwise than the log: it was made from other files."""
    rated = np.flatnonzero(~np.isnan(frame.ratings))
    other = [
        row
        for row in rated
        if judgments.ratings.get(frame.queries[row], {}).get(frame.docs[row]) != int(frame.ratings[row])
    ]
    shown = "; ".join(f"{_row_name(frame, row)}: {frame.ratings[row]:g}" for row in other[:SHOWN])
    return [Mistake(name, f"{len(other)} ratings are not those of the judgments: {shown}")] if other else []

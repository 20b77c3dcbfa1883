"""Bad logs are named and counted; what is only poor is noted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from train_logs import make_frame

from learn.frame import FeatureFrame
from learn.judgments import Judgments
from learn.train import show
from learn.train.data import read_log
from learn.train.sample import sample_rows
from stack.errors import InputError

FRAME = make_frame(queries=4)


def with_ratings(*changes: tuple[int, float]) -> FeatureFrame:
    ratings = FRAME.ratings.copy()
    for row, value in changes:
        ratings[row] = value
    return replace(FRAME, ratings=ratings)


def with_value(row: int, column: int, value: float) -> FeatureFrame:
    values = FRAME.values.copy()
    values[row, column] = value
    return replace(FRAME, values=values)


def doubled() -> FeatureFrame:
    docs = FRAME.docs.copy()
    docs[1] = docs[0]
    return replace(FRAME, docs=docs)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (with_ratings((0, -1.0), (2, 101.0)), r"2 ratings are not whole numbers.*'anchor', document .*: -1"),
        (with_ratings((0, 1.5)), r"1 ratings are not whole numbers"),
        (doubled(), r"1 rows stand twice: query 'anchor', document"),
        (with_value(3, 2, np.nan), r"no numbers in noise \(1\)"),
        (replace(FRAME, names=("first", *FRAME.names[1:])), r"no feature 'fused'"),
        (replace(FRAME, ratings=np.zeros_like(FRAME.ratings)), r"no row is rated above 0"),
        (replace(FRAME, ratings=np.full_like(FRAME.ratings, np.nan)), r"no row is rated above 0"),
    ],
)
def test_a_bad_log_is_named(frame: FeatureFrame, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_log(frame, name="log.parquet")


def test_every_mistake_at_once() -> None:
    values = FRAME.values.copy()
    values[0, 1] = np.inf
    with pytest.raises(InputError) as caught:
        read_log(replace(doubled(), values=values, names=("first", *FRAME.names[1:])))
    assert len(caught.value.mistakes) == 3


def test_a_log_of_other_judgments_is_refused() -> None:
    known = read_log(FRAME).judgments.ratings
    doc = next(iter(known["anchor"]))
    other = {**known, "anchor": {**known["anchor"], doc: known["anchor"][doc] + 1}}
    with pytest.raises(InputError, match="1 ratings are not those of the judgments"):
        read_log(FRAME, Judgments(other, ("rated.csv",)))


def test_notes_name_what_is_poor() -> None:
    known = read_log(with_ratings(*((row, 0.0) for row in range(30)))).judgments.ratings
    rated = {**known, "bicycle": {**known["bicycle"], "gone": 2}, "not logged": {"1": 1}}
    ratings = with_ratings(*((row, 0.0) for row in range(30)))
    said = "\n".join(show.notes(read_log(ratings, Judgments(rated, ("rated.csv",)))))
    assert "4 of 5 judged queries have a relevant document" in said
    assert "2 relevant documents were not recalled" in said
    assert "bicycle (1)" in said
    assert "1 features have one value everywhere and cannot help: flat" in said
    assert "1 of them are not in the log and count as 0: not logged" in said


def test_the_sample_holds_all_judged_and_spreads_the_others() -> None:
    log = read_log(FRAME)
    judged = int((~np.isnan(FRAME.ratings)).sum())
    drawn = sample_rows(log, list(log.rows), 4, np.random.default_rng(1))
    assert drawn.groups.sum() == len(drawn.ratings) == judged + 4 * 4
    none = sample_rows(log, list(log.rows), 0, np.random.default_rng(1))
    assert len(none.ratings) == judged
    more_than_there_are = sample_rows(log, list(log.rows), 1000, np.random.default_rng(1))
    assert len(more_than_there_are.ratings) == len(FRAME.docs)


def test_the_same_seed_draws_the_same() -> None:
    log = read_log(FRAME)
    first, same, other = (sample_rows(log, list(log.rows), 4, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.values, same.values)
    assert not np.array_equal(first.values, other.values)


def test_a_query_without_a_relevant_document_is_left_out_of_training_only() -> None:
    log = read_log(with_ratings(*((row, 0.0) for row in range(30))))
    assert len(sample_rows(log, list(log.rows), 2, np.random.default_rng(1)).groups) == 3
    assert len(log.run(log.fused)) == 4
    with pytest.raises(InputError, match="of 1 training queries none has a relevant document"):
        sample_rows(log, ["anchor"], 2, np.random.default_rng(1))

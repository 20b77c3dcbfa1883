"""Models learn what is there to learn, the same every time, by both trainers; and keep what they are told to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from train_logs import make_frame, small

from api.funnel.model import RankModel
from learn.train.choose import choose, clearly_better
from learn.train.crossval import NDCG, cross_validate
from learn.train.data import read_log
from learn.train.fit import train
from learn.train.grow import grow
from learn.train.options import Options
from learn.train.recipe import Recipe
from stack.errors import InputError

LOG = read_log(make_frame())
QUERIES = list(LOG.rows)
TRAINERS = pytest.mark.parametrize(
    "options",
    [
        small(),
        small(objective="regression"),
        small(objective="lambdarank"),
        small(trainer="xgboost"),
        small(trainer="xgboost", objective="regression"),
        small(trainer="xgboost", objective="pairwise"),
    ],
    ids=lambda options: f"{options.trainer}-{options.objective}",
)


@TRAINERS
def test_unseen_queries_are_ranked_better_than_by_the_first_stage(options: Options) -> None:
    found = cross_validate(LOG, options)
    assert found.comparison.difference > 0.05
    assert found.comparison.p_value < 0.05
    assert next(iter(found.importance)) == "words"
    assert sum(found.importance.values()) == pytest.approx(1)


@TRAINERS
def test_the_same_seed_gives_the_same_model(options: Options) -> None:
    assert train(LOG, options).trees.content == train(LOG, options).trees.content
    other = options.model_copy(update={"seed": 8})
    assert train(LOG, options).trees.content != train(LOG, other).trees.content


@TRAINERS
def test_one_model_holds_the_mean_of_its_bags(options: Options) -> None:
    values = LOG.frame.values
    recipe = Recipe(options.defaults, 12, 1, 0)
    single = [grow(LOG, QUERIES, options, replace(recipe, seed=seed)) for seed in (0,)]
    joined = grow(LOG, QUERIES, options, replace(recipe, bags=3))
    assert joined.staged(values, 36)[-1] == pytest.approx(_mean_of_bags(options, recipe), abs=1e-5)
    assert joined.content != single[0].content


def _mean_of_bags(options: Options, recipe: Recipe) -> np.ndarray:
    """Bags of seed 0 are the boosters 0, 1 and 2, grown one by one."""
    from learn.train import lightgbm_trainer, xgboost_trainer
    from learn.train.sample import sample_rows

    boost = (lightgbm_trainer if options.trainer == "lightgbm" else xgboost_trainer).boost
    found = []
    for bag in range(3):
        sample = sample_rows(LOG, QUERIES, options.unjudged, np.random.default_rng(bag))
        found.append(boost(sample, LOG.names, options, recipe, bag).staged(LOG.frame.values, 36)[-1])
    return np.mean(found, axis=0)


@TRAINERS
def test_monotone_features_are(options: Options) -> None:
    """`fused` falls while `words` rises: only the constraint keeps the model from using it the wrong way round."""
    frame = LOG.frame
    values = frame.values.copy()
    values[:, 0] = 1 - frame.column("words")
    log = read_log(replace(frame, values=values[:, [0, 2]], names=("fused", "noise")))
    free = _response(log, options, {})
    assert (np.diff(free) < 0).any()
    assert (np.diff(_response(log, options, {"fused": 1})) >= -1e-9).all()


def _response(log: object, options: Options, monotone: dict[str, int]) -> np.ndarray:
    """Scores along `fused`, all else the same."""
    grown = grow(log, QUERIES, options.model_copy(update={"monotone": monotone}), Recipe(options.defaults, 20, 1, 7))  # type: ignore[arg-type]
    rows = np.column_stack([np.linspace(0, 1, 50), np.full(50, 0.5)]).astype(np.float32)
    return grown.staged(rows, 20)[-1]


def test_staged_scores_end_at_the_models_own() -> None:
    for options in (small(), small(trainer="xgboost")):
        grown = grow(LOG, QUERIES, options, Recipe(options.defaults, 25, 1, 7))
        staged = grown.staged(LOG.frame.values, 10)
        assert staged.shape == (3, len(LOG.frame.docs))
        shorter = grow(LOG, QUERIES, options, Recipe(options.defaults, 10, 1, 7))
        assert staged[0] == pytest.approx(shorter.staged(LOG.frame.values, 10)[-1], abs=1e-6)


def test_features_that_tell_nothing_leave_the_order_to_the_first_stage() -> None:
    frame = make_frame(queries=20, seed=3)
    draw = np.random.default_rng(5)
    values = frame.values.copy()
    values[:, 1] = draw.random(len(values))
    found = cross_validate(read_log(replace(frame, values=values)), small())
    assert found.comparison.difference > -0.02


def test_blend_is_chosen_where_it_pays() -> None:
    """The first stage is perfect, the features are noise: the most of it is taken."""
    frame = make_frame(queries=24)
    values = frame.values.copy()
    values[:, 0] = frame.column("words")
    values[:, 1] = values[:, 2]
    options = small(blend=(0, 50), start={"rounds": 30, "blend": 0})
    log = read_log(replace(frame, values=values))
    assert choose(log, list(log.rows), options, options.defaults).blend == 50


def test_the_declared_stays_where_nothing_is_clearly_better() -> None:
    ours, theirs = np.array([0.5, 0.9, 0.1, 0.8]), np.array([0.5, 0.4, 0.5, 0.8])
    assert not clearly_better(ours, theirs)
    assert clearly_better(theirs + 0.1, theirs)
    assert not clearly_better(theirs[:1] + 1, theirs[:1])
    options = small(blend=(0.99, 1.01), max_rounds=20, round_step=20, start={"rounds": 20, "blend": 1})
    assert choose(LOG, QUERIES, options, options.defaults).blend == 1


def test_nothing_of_a_held_out_query_is_used() -> None:
    """Turning the ratings of a fold's own queries round changes nothing of its model."""
    whole = cross_validate(LOG, small(trials=2))
    fold = whole.folds[0]
    ratings = LOG.frame.ratings.copy()
    rows = LOG.places(fold.queries)
    ratings[rows] = 3 - ratings[rows]
    turned = cross_validate(read_log(replace(LOG.frame, ratings=ratings)), small(trials=2))
    same = next(each for each in turned.folds if set(each.queries) == set(fold.queries))
    assert same.trained.trees.content == fold.trained.trees.content
    assert same.trained.choice == fold.trained.choice


def test_every_query_is_held_out_once_and_scored_by_its_own_fold() -> None:
    found = cross_validate(LOG, small())
    assert sorted(query for fold in found.folds for query in fold.queries) == sorted(QUERIES)
    for fold in found.folds:
        rows = LOG.places(fold.queries)
        assert found.scores[rows] == pytest.approx(fold.model.score(LOG.frame.values[rows]))
    assert np.mean([found.fold_mean(fold, found.values) for fold in found.folds]) == pytest.approx(
        found.means[NDCG], abs=0.02
    )


def test_a_search_tries_as_many_as_asked_and_never_does_worse_inside() -> None:
    ticks: list[int] = []
    options = small(trials=3)
    searched = train(LOG, options, tick=lambda: ticks.append(1))
    assert len(ticks) == 4
    assert searched.choice.ndcg >= train(LOG, small()).choice.ndcg
    assert train(LOG, options).choice == searched.choice


def test_one_family_cannot_be_learnt_from() -> None:
    with pytest.raises(InputError, match="only 1 family"):
        train(LOG, small(), [QUERIES[0]])


def test_what_is_written_is_loaded_and_scores_the_same(tmp_path: Path) -> None:
    for name in ("lightgbm", "xgboost"):
        trained = train(LOG, small(trainer=name, blend=(0.5,), start={"rounds": 20, "blend": 0.5}))
        trained.write(tmp_path / name, {"nDCG@10": 0.9}, datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
        about = json.loads((tmp_path / name / "about.json").read_text(encoding="utf-8"))
        assert about["data_hash"] == LOG.frame.data_hash
        assert about["created_at"] == "2026-01-02T03:04:00+00:00"
        model = RankModel.read(tmp_path / name, about, "m")
        trees = trained.trees.staged(LOG.frame.values, 1000)[-1]
        assert model.score(LOG.frame.values) == pytest.approx(trees + 0.5 * LOG.fused, abs=1e-6)

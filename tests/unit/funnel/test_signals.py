"""Each pool feature beside its definition, written out the slow way, on small pools and on the odd ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from funnel_pools import DAY_MS, DIMENSION, ENGINE, NOW, make_pool, with_columns
from scipy.stats import rankdata

from api.funnel.feature_set import load_features
from api.funnel.pool import COLUMNS, Pool, places, share_of_best
from api.funnel.signals import (
    BEST_RATING,
    LAST_PLACE,
    PRIOR_COUNT,
    PRIOR_RATING,
    ROUNDS,
    RRF_CONSTANT,
    SHARPNESS,
    SIGNALS,
    STAYS,
)
from stack.documents import KINDS, Kind
from stack.embedding.sketch import signs_of
from stack.settings import ROOT

ODD: dict[str, Any] = {
    "one candidate": make_pool(1),
    "two": make_pool(2),
    "three": make_pool(3),
    "equal scores": make_pool(
        7, fused=np.full(7, 0.5), lexical=np.full(7, 3.0), engine={name: np.full(7, 2.0) for name in ENGINE}
    ),
    "no scores": make_pool(7, fused=np.zeros(7), lexical=np.zeros(7), vector=np.zeros(7), engine={}),
    "no sketches": make_pool(7, columns={}),
    "broken sketches": make_pool(7, columns={"text_sketch": ["!", "", None, "AA==", "é", "A" * 999, "AAAAAA=="]}),
    "one sketch": make_pool(3, columns={"text_sketch": [None, make_pool(1).columns["text_sketch"][0], None]}),
    "the same document twenty times": make_pool(20, columns={"text_sketch": make_pool(1).columns["text_sketch"] * 20}),
    "many": make_pool(200),
    "odd columns": make_pool(
        4,
        columns={
            "price": [0.0, 1e300, None, -5.0],
            "rating": [5.0, None, 0.0, 1.0],
            "rating_count": [None, 3, 0, 10**9],
            "category_path": [["A", "A > B"], None, "A > B", ["A"]],
            "created_at": [None, 0, 4102444800000, "1700000000000"],
            "status": ["live", "live", None, "ended"],
            "heartbeat_at": [None, NOW.timestamp() * 1000, 0, "0"],
        },
    ),
}  # fmt: skip


def named(pool: Pool, name: str) -> np.ndarray:
    return np.asarray(SIGNALS[name](pool))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ODD)
def test_a_value_for_every_candidate_never_below_zero_and_always_a_number(name: str, kind: Kind) -> None:
    known = ODD[name]
    pool = Pool(
        **{field: getattr(known, field) for field in known.__dataclass_fields__ if field[0] != "_"} | {"kind": kind}
    )
    for signal in SIGNALS:
        values = named(pool, signal)
        assert values.shape == (pool.size,), signal
        assert np.isfinite(values).all(), signal
        assert (values >= -1e-9).all(), signal


def test_every_declared_signal_is_there_and_every_signal_declared() -> None:
    declared = {each.pool for kind in KINDS for each in load_features(ROOT / "mappings", kind).of("pool")}
    assert declared == set(SIGNALS)


@pytest.mark.parametrize("seed", range(4))
def test_places_are_ranks_that_ties_share(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 6, 15).astype(float)
    assert places(values) == pytest.approx(rankdata(-values, method="average") - 1)


def test_shares_of_the_best() -> None:
    assert share_of_best(np.array([1.0, 4.0, 0.0])).tolist() == [0.25, 1.0, 0.0]
    assert share_of_best(np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("signal", "source"),
    [
        ("fused_rank", "fused"),
        ("title_rank", "title_bm25"),
        ("description_rank", "description_bm25"),
        ("attributes_rank", "attributes_bm25"),
        ("all_fields_rank", "all_fields_bm25"),
        ("text_cosine_rank", "text_cosine"),
    ],
)
def test_ranks_count_those_that_are_better(signal: str, source: str) -> None:
    pool = make_pool(150)
    values = pool.fused if source == "fused" else pool.scores(source)
    better = [sum(other > value for other in values) for value in values]
    assert named(pool, signal) == pytest.approx(np.minimum(better, LAST_PLACE))


def test_title_nearness_is_the_query_against_the_signs_of_the_title() -> None:
    pool = make_pool(9)
    signs = signs_of(pool.column("title_sketch"), DIMENSION)
    expected = [(1 + sum(s * q for s, q in zip(row, pool.query_vector, strict=True))) / 2 for row in signs]
    found = named(pool, "title_cosine")
    assert found == pytest.approx(np.array(expected), abs=1e-6)
    assert named(pool, "title_cosine_gap") == pytest.approx(found.max() - found)
    assert named(pool, "title_cosine_rank") == pytest.approx(places(found))
    cosines = pool.scores("text_cosine")
    assert named(pool, "text_cosine_gap") == pytest.approx(max(cosines) - cosines)


def rankings(pool: Pool) -> list[np.ndarray]:
    names = ("all_fields_bm25", "text_cosine", "title_bm25", "title_bm25_exact", "description_bm25", "attributes_bm25")
    scores = [pool.scores(name) for name in names]
    return [pool.fused, pool.title_cosine, *scores, named(pool, "spread"), named(pool, "feedback_5")]


@pytest.mark.parametrize("size", [1, 2, 30])
def test_votes_count_single_rankings(size: int) -> None:
    pool = make_pool(size)
    mine = np.array([rankdata(-ranking, method="average") - 1 for ranking in rankings(pool)])
    assert named(pool, "votes_10") == pytest.approx((mine < 10).sum(0))
    assert named(pool, "votes_15") == pytest.approx((mine < 15).sum(0))
    assert named(pool, "votes_rrf") == pytest.approx((1 / (RRF_CONSTANT + mine)).sum(0))
    assert named(pool, "votes_best") == pytest.approx(mine.min(0))
    assert named(pool, "votes_second") == pytest.approx(np.sort(mine, axis=0)[1])
    assert named(pool, "votes_median") == pytest.approx(np.median(mine, axis=0))


def likeness(pool: Pool) -> np.ndarray:
    """Agreement of the signs of each two documents, -1 to 1."""
    signs = signs_of(pool.column("text_sketch"), DIMENSION) > 0
    agree = np.array([[(mine == other).mean() for other in signs] for mine in signs])
    return 2 * agree - 1


@pytest.mark.parametrize(
    ("signal", "count", "of"),
    [("neighbours_5", 5, "fused"), ("neighbours_20", 20, "fused"), ("neighbours_cosine", 5, "text_cosine")],
)
@pytest.mark.parametrize("size", [2, 4, 40])
def test_neighbours_are_a_weighted_mean_of_the_nearest(signal: str, count: int, of: str, size: int) -> None:
    pool = make_pool(size)
    values = pool.fused if of == "fused" else pool.scores(of)
    like = likeness(pool)
    expected, ambiguous = [], []
    for place in range(size):
        others = sorted((other for other in range(size) if other != place), key=lambda other: -like[place, other])
        nearest = others[:count]
        # Sketches of 32 bits tie: where the last of the nearest ties with the next, either is right.
        ambiguous.append(
            len(others) > count and abs(like[place, others[count - 1]] - like[place, others[count]]) < 1e-6
        )
        weights = np.clip([like[place, other] for other in nearest], 0, None)
        expected.append(float(weights @ values[nearest] / max(weights.sum(), 1e-6)))
    kept = ~np.array(ambiguous)
    assert kept.sum() >= min(size, 4)
    assert named(pool, signal)[kept] == pytest.approx(np.array(expected)[kept], abs=1e-5)


def test_alone_a_candidate_has_no_neighbours() -> None:
    assert named(make_pool(1), "neighbours_5").tolist() == [0]
    assert named(make_pool(1), "density").tolist() == [0]


@pytest.mark.parametrize(("signal", "of"), [("spread", "fused"), ("spread_words", "words")])
def test_spread_scores_flow_between_documents_that_are_alike(signal: str, of: str) -> None:
    pool = make_pool(12)
    start = pool.fused if of == "fused" else pool.scores("all_fields_bm25") / pool.scores("all_fields_bm25").max()
    like, size = likeness(pool), pool.size
    scores = list(start)
    for _ in range(ROUNDS):
        moved = []
        for place in range(size):
            weights = {other: np.exp(SHARPNESS * like[place, other]) for other in range(size) if other != place}
            mean = sum(weight * scores[other] for other, weight in weights.items()) / sum(weights.values())
            moved.append(STAYS * start[place] + (1 - STAYS) * mean)
        scores = moved
    assert named(pool, signal) == pytest.approx(np.array(scores), abs=1e-5)


def test_a_twin_of_the_best_gains_and_a_stranger_does_not() -> None:
    """The cluster hypothesis: of two candidates with one score, the one that resembles the best comes first."""
    known = make_pool(3)
    first, other = known.columns["text_sketch"][0], known.columns["text_sketch"][1]
    pool = make_pool(3, fused=np.array([1.0, 0.2, 0.2]), columns={"text_sketch": [first, other, first]})
    for signal in ("neighbours_5", "spread", "feedback_5"):
        values = named(pool, signal)
        assert values[2] > values[1], signal
    assert named(pool, "spread_rank")[2] < named(pool, "spread_rank")[1]
    assert named(pool, "feedback_rank")[2] < named(pool, "feedback_rank")[1]


@pytest.mark.parametrize(("signal", "count"), [("feedback_5", 5), ("feedback_20", 20)])
@pytest.mark.parametrize("size", [1, 4, 30])
def test_feedback_is_likeness_to_the_centre_of_the_first(signal: str, count: int, size: int) -> None:
    pool = make_pool(size)
    signs = signs_of(pool.column("text_sketch"), DIMENSION).astype(float)
    centre = sum(pool.fused[place] * signs[place] for place in range(min(count, size)))
    expected = [(1 + row @ centre / np.linalg.norm(centre)) / 2 for row in signs]
    assert named(pool, signal) == pytest.approx(np.array(expected), abs=1e-5)


def test_density_is_the_mean_of_the_nearest() -> None:
    pool = make_pool(40)
    like = likeness(pool)
    expected = [
        max(
            0.0,
            float(np.mean(sorted((like[place, other] for other in range(40) if other != place), reverse=True)[:20])),
        )
        for place in range(40)
    ]
    assert named(pool, "density") == pytest.approx(np.array(expected), abs=1e-5)


def test_a_rating_of_few_is_held_towards_the_mean() -> None:
    counts, ratings = [0, 1, 1000, None, 5], [5.0, 5.0, 5.0, 5.0, None]
    found = named(with_columns(5, rating=ratings, rating_count=counts), "rating_shrunk")
    for value, rating, count in zip(found, ratings, counts, strict=True):
        known = count or 0
        expected = (
            0.0
            if rating is None
            else (rating * known + PRIOR_RATING * PRIOR_COUNT) / (known + PRIOR_COUNT) / BEST_RATING
        )
        assert value == pytest.approx(expected)
    assert found[0] < found[1] < found[2] <= 1


def test_the_place_of_a_price_is_within_the_leaf_category() -> None:
    prices = [10.0, 30.0, 20.0, None, 5.0, 30.0, 7.0]
    leaves: list[Any] = [["A", "A > B"]] * 4 + [["A"]] + [["A", "A > B"]] + [None]
    found = named(with_columns(7, price=prices, category_path=leaves), "price_place")
    assert found.tolist() == pytest.approx([0.0, 2.5 / 3, 1 / 3, 0.5, 0.5, 2.5 / 3, 0.5])


@pytest.mark.parametrize(("kind", "column"), [("product", "created_at"), ("video", "published_at")])
def test_age_in_days(kind: Kind, column: str) -> None:
    now = NOW.timestamp() * 1000
    ages = with_columns(4, kind=kind, **{column: [now - 10 * DAY_MS, now, now + DAY_MS, None]})
    assert named(ages, "age_days_log") == pytest.approx(np.log1p([10, 0, 0, 0]))


def test_a_room_is_on_with_a_fresh_heartbeat_only() -> None:
    beats = [(NOW - timedelta(seconds=seconds)).timestamp() * 1000 for seconds in (30, 300, 30)]
    rooms = with_columns(4, kind="live", status=["live", "live", "ended", "live"], heartbeat_at=[*beats, None])
    assert named(rooms, "is_on").tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("scores", "clear"),
    [([5.0] * 12, 0.0), ([10.0, *[5.0] * 11], 0.5), ([10.0, 4.0], 0.6), ([0.0] * 12, 0.0), ([3.0], 0.0)],
)
def test_how_clear_the_words_are(scores: list[float], clear: float) -> None:
    pool = make_pool(len(scores), engine={"all_fields_bm25": np.array(scores)})
    assert named(pool, "words_clear") == pytest.approx(np.full(len(scores), clear))
    assert named(pool, "candidates_log") == pytest.approx(np.full(len(scores), np.log1p(len(scores))))


@pytest.mark.parametrize("signal", ["fused", "lexical_score", "title_share", "all_fields_share", "title_cosine"])
def test_better_candidates_have_more_of_it(signal: str) -> None:
    """What is declared monotone rises with its source."""
    pool = make_pool(50)
    source = {
        "fused": pool.fused,
        "lexical_score": pool.lexical,
        "title_share": pool.scores("title_bm25"),
        "all_fields_share": pool.scores("all_fields_bm25"),
        "title_cosine": pool.title_cosine,
    }[signal]
    assert (np.diff(named(pool, signal)[np.argsort(source)]) >= 0).all()


def test_a_pool_has_the_columns_that_signals_read() -> None:
    assert set(COLUMNS) == set(KINDS)
    assert make_pool(3).column("nothing") == [None] * 3

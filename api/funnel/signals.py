"""The features that are computed from all candidates of a query: one function each, pool → (n,) of at least 0."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from api.funnel.pool import Pool, Values, places, share_of_best
from api.lives import effective_status

Signal = Callable[[Pool], Values]

# Past this a place says only "far down".
LAST_PLACE = 100.0
# How fast likeness turns into weight where scores are spread, and the part of a score that stays where it was; the
# ranker was better with the two than with sharper or flatter ones (docs/decisions/ranking.md).
SHARPNESS = 10.0
STAYS = 0.2
ROUNDS = 5
# Of reciprocal ranks: smaller than the 60 of fusion, as the lists are looked at in their first ten places.
RRF_CONSTANT = 20
# A rating counts as so many raters of the mean, the usual empirical-Bayes shrinking.
PRIOR_RATING, PRIOR_COUNT, BEST_RATING = 3.8, 10.0, 5.0


def _place(values: Values) -> Values:
    return np.minimum(places(values), LAST_PLACE)


def _votes(pool: Pool) -> Values:
    """Places (m, n) in the single rankings by one feature each, best of each candidate first."""
    return pool.once("votes", lambda: _count_votes(pool))


def _count_votes(pool: Pool) -> Values:
    rankings = [
        pool.fused,
        pool.scores("all_fields_bm25"),
        pool.scores("text_cosine"),
        pool.title_cosine,
        pool.scores("title_bm25"),
        pool.scores("title_bm25_exact"),
        pool.scores("description_bm25"),
        pool.scores("attributes_bm25"),
        _spread_fused(pool),
        _feedback_5(pool),
    ]
    return np.sort(places(np.stack(rankings)), axis=0)


def _neighbours(pool: Pool, values: Values, count: int) -> Values:
    """Mean of a value over the nearest candidates, weighted by likeness."""
    count = min(count, pool.size - 1)
    if count < 1:
        return np.zeros(pool.size)
    nearest = np.argpartition(-pool.likeness, count - 1, axis=1)[:, :count]
    weights = np.take_along_axis(pool.likeness, nearest, axis=1).clip(0)
    return np.asarray((weights * values[nearest]).sum(1) / weights.sum(1).clip(1e-6))


def _spread_fused(pool: Pool) -> Values:
    return pool.once("spread", lambda: _spread(pool, pool.fused))


def _spread(pool: Pool, start: Values) -> Values:
    """Scores spread over the candidates' likeness: s ← STAYS·s₀ + (1 − STAYS)·W·s (Zhou et al. 2003)."""
    weights = np.exp(SHARPNESS * pool.likeness)
    np.fill_diagonal(weights, 0.0)
    weights /= weights.sum(1, keepdims=True).clip(1e-9)
    scores = start
    for _ in range(ROUNDS):
        scores = STAYS * start + (1 - STAYS) * (weights @ scores)
    return np.asarray(scores)


def _feedback_5(pool: Pool) -> Values:
    return pool.once("feedback_5", lambda: _feedback(pool, 5))


def _feedback(pool: Pool, count: int) -> Values:
    """Likeness to the centre of the first candidates, 0 to 1 (pseudo-relevance feedback, Rocchio)."""
    first = slice(0, min(count, pool.size))
    centre = (pool.text_signs[first] * pool.fused[first, None]).sum(0)
    length = float(np.linalg.norm(centre))
    return np.asarray((1 + pool.text_signs @ (centre / length)) / 2, np.float64) if length else np.zeros(pool.size)


def _density(pool: Pool) -> Values:
    count = min(20, pool.size - 1)
    nearest = np.sort(pool.likeness, axis=1)[:, -count:] if count > 0 else np.zeros((pool.size, 1))
    return np.asarray(nearest.mean(1).clip(0))


def _rating(pool: Pool) -> Values:
    """(Σ ratings + prior) / (count + prior count), as a share of the best rating; 0 when nobody rated."""
    counts = np.array([count or 0.0 for count in pool.column("rating_count")])
    ratings = np.array([np.nan if rating is None else rating for rating in pool.column("rating")])
    shrunk = (ratings * counts + PRIOR_RATING * PRIOR_COUNT) / (counts + PRIOR_COUNT) / BEST_RATING
    return np.asarray(np.nan_to_num(shrunk, nan=0.0))


def _price_place(pool: Pool) -> Values:
    """Share of the candidates of the same leaf category that are cheaper, 0 to 1; 0.5 without a price."""
    prices = np.array([np.nan if price is None else price for price in pool.column("price")])
    leaves = np.array([_leaf(path) for path in pool.column("category_path")], dtype=object)
    found = np.full(pool.size, 0.5)
    for leaf in set(leaves):
        priced = np.flatnonzero((leaves == leaf) & ~np.isnan(prices))
        if len(priced) > 1:
            found[priced] = 1 - places(prices[priced]) / (len(priced) - 1)
    return found


def _leaf(path: object) -> str:
    levels = path if isinstance(path, list) else [path]
    return max(map(str, levels), key=len)


def _age(pool: Pool) -> Values:
    """log(1 + days since it came); 0 when nobody knows."""
    made = pool.column("published_at" if pool.kind == "video" else "created_at")
    now = pool.now.timestamp()
    days = [0.0 if at is None else max(0.0, now - float(at) / 1000) / 86_400 for at in made]
    return np.asarray(np.log1p(np.array(days)))


def _is_on(pool: Pool) -> Values:
    stored = zip(pool.ids, *map(pool.column, ("status", "heartbeat_at", "updated_at")), strict=True)
    states = (pool.rooms.state(id, status, _moment(beat), int(at or 0)) for id, status, beat, at in stored)
    on = [effective_status(status, beat, pool.now, pool.heartbeat_s) == "live" for status, beat in states]
    return np.array(on, dtype=np.float64)


def _moment(millis: object) -> datetime | None:
    return None if millis is None else datetime.fromtimestamp(float(str(millis)) / 1000, UTC)


def _words_clear(pool: Pool) -> Values:
    """How far the best score by words is ahead of the tenth, as a share of it: 0 when all are alike."""
    best = np.sort(pool.scores("all_fields_bm25"))[::-1]
    gap = 1 - best[min(9, pool.size - 1)] / best[0] if best[0] > 0 else 0.0
    return np.full(pool.size, gap)


SIGNALS: dict[str, Signal] = {
    "fused": lambda pool: pool.fused,
    "fused_rank": lambda pool: _place(pool.fused),
    "lexical_score": lambda pool: share_of_best(pool.lexical),
    "vector_score": lambda pool: pool.vector,
    "text_cosine_gap": lambda pool: pool.scores("text_cosine").max() - pool.scores("text_cosine"),
    "text_cosine_rank": lambda pool: _place(pool.scores("text_cosine")),
    "title_cosine": lambda pool: pool.title_cosine.clip(0),
    "title_cosine_gap": lambda pool: pool.title_cosine.max() - pool.title_cosine,
    "title_cosine_rank": lambda pool: _place(pool.title_cosine),
    "title_rank": lambda pool: _place(pool.scores("title_bm25")),
    "description_rank": lambda pool: _place(pool.scores("description_bm25")),
    "attributes_rank": lambda pool: _place(pool.scores("attributes_bm25")),
    "all_fields_rank": lambda pool: _place(pool.scores("all_fields_bm25")),
    "title_share": lambda pool: share_of_best(pool.scores("title_bm25")),
    "all_fields_share": lambda pool: share_of_best(pool.scores("all_fields_bm25")),
    "votes_10": lambda pool: np.asarray((_votes(pool) < 10).sum(0), np.float64),
    "votes_15": lambda pool: np.asarray((_votes(pool) < 15).sum(0), np.float64),
    "votes_rrf": lambda pool: np.asarray((1 / (RRF_CONSTANT + _votes(pool))).sum(0)),
    "votes_best": lambda pool: _votes(pool)[0],
    "votes_second": lambda pool: _votes(pool)[1],
    "votes_median": lambda pool: np.asarray(np.median(_votes(pool), axis=0)),
    "neighbours_5": lambda pool: _neighbours(pool, pool.fused, 5),
    "neighbours_20": lambda pool: _neighbours(pool, pool.fused, 20),
    "neighbours_cosine": lambda pool: _neighbours(pool, pool.scores("text_cosine"), 5),
    "spread": _spread_fused,
    "spread_rank": lambda pool: _place(_spread_fused(pool)),
    "spread_words": lambda pool: _spread(pool, share_of_best(pool.scores("all_fields_bm25"))),
    "feedback_5": _feedback_5,
    "feedback_20": lambda pool: _feedback(pool, 20),
    "feedback_rank": lambda pool: _place(_feedback_5(pool)),
    "density": _density,
    "rating_shrunk": _rating,
    "price_place": _price_place,
    "age_days_log": _age,
    "is_on": _is_on,
    "candidates_log": lambda pool: np.full(pool.size, np.log1p(pool.size)),
    "words_clear": _words_clear,
}

"""Why a hit stands where it does: the numbers add up, and the sentence says what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rank_models import about, trees

from api.answers import Recalled
from api.explain import SHOWN, explanations, ordinal
from api.funnel.feature_set import load_features
from api.funnel.final_stage import Features, reordered
from api.funnel.model import RankModel
from api.funnel.rank import Ranked
from api.fuse import Candidate, Found
from api.model import Explanation, Hit
from stack.documents import Kind
from stack.settings import ROOT

KIND: Kind = "product"
FEATURES = load_features(ROOT / "mappings", KIND)
FIRST = [Candidate(KIND, id_, score) for id_, score in (("a", 0.9), ("b", 0.5), ("c", 0.1))]
RECALLED = Recalled(
    routes={KIND: {"lexical": [Found("b", 9.0), Found("a", 8.0)], "vector": [Found("a", 0.9), Found("c", 0.8)]}}
)


def model(sign: float = -1, blend: float = 0.0) -> RankModel:
    """Ranks the first stage's order the other way round."""
    text = trees(len(FEATURES.names), FEATURES.names.index("fused"), sign)
    return RankModel.of(text, about(FEATURES, blend=blend), "v7")


def ranked_by(made: RankModel) -> Ranked:
    values = np.random.default_rng(1).random((3, len(FEATURES.names))).astype(np.float32)
    values[:, FEATURES.names.index("fused")] = [item.score for item in FIRST]
    seen = Features(tuple(item.id for item in FIRST), FEATURES.names, values)
    return Ranked({KIND: reordered(FIRST, [], made.score(values))}, {KIND: seen}, {KIND: made})


def explain(ranked: Ranked, *ids: str, recalled: Recalled = RECALLED) -> list[Explanation]:
    hits = [Hit(type=KIND, id=id_, position=1, score=0.5, document={}) for id_ in ids]
    return explanations(hits, recalled, {KIND: FIRST}, ranked, {KIND: FEATURES})


def test_the_way_of_a_hit_through_the_stages() -> None:
    first, last = explain(ranked_by(model()), "a", "c")
    assert first.routes == {"lexical": 2, "vector": 1}
    assert (first.first_stage, first.final_stage, first.model) == (1, 3, "v7")
    assert (last.routes, last.first_stage, last.final_stage) == ({"vector": 2}, 3, 1)


@pytest.mark.parametrize("blend", [0.0, 2.0])
def test_contributions_and_the_average_sum_to_the_score(blend: float) -> None:
    made = model(blend=blend)
    ranked = ranked_by(made)
    scores = made.score(ranked.features[KIND].values)
    for each, score in zip(explain(ranked, "a", "b", "c"), scores, strict=True):
        assert each.score == pytest.approx(score, abs=1e-4)
        assert each.average is not None
        assert each.average + sum(reason.effect for reason in each.reasons) == pytest.approx(score, abs=1e-2)
        effects = [abs(reason.effect) for reason in each.reasons]
        assert effects == sorted(effects, reverse=True)
        assert each.reasons[0].feature == "fused"
        assert each.reasons[0].label == FEATURES.labels["fused"]


def test_the_sentence_says_where_it_was_found_and_what_moved_it() -> None:
    down, _, up = explain(ranked_by(model()), "a", "b", "c")
    assert down.summary.startswith("Found by its words (2nd) and its meaning (1st). Down from 1st to 3rd of its kind")
    assert "first-stage score" not in down.summary, "nobody can do anything about it"
    assert up.summary.startswith("Found by its meaning (2nd). Up from 3rd to 1st of its kind; for it: ")
    (same,) = explain(ranked_by(model(sign=1)), "a")
    assert "Stays at 1st of its kind; for it: " in same.summary


def test_without_a_model_the_first_stage_is_what_there_is() -> None:
    (said,) = explain(Ranked({KIND: FIRST}), "b")
    assert said.summary == "Found by its words (1st). 2nd of its kind after the first stage; no ranking model."
    assert (said.first_stage, said.final_stage, said.model, said.score, said.reasons) == (2, None, None, None, [])


def test_a_hit_behind_the_window_of_the_final_stage() -> None:
    ranked = ranked_by(model())
    deep = Candidate(KIND, "deep", 0.0, behind=True)
    ranked.candidates[KIND].append(deep)
    hits = [Hit(type=KIND, id="deep", position=4, score=0, document={})]
    (said,) = explanations(hits, RECALLED, {KIND: [*FIRST, deep]}, ranked, {KIND: FEATURES})
    assert said.summary == (
        "Found behind the window of the routes. "
        "4th of its kind after the first stage; too far down for the ranking model."
    )
    assert said.final_stage is None


def test_a_route_without_words_of_its_own_is_called_by_its_name() -> None:
    recalled = Recalled(routes={KIND: {"odd_route": [Found("a", 1.0)]}})
    (said,) = explain(Ranked({KIND: FIRST}), "a", recalled=recalled)
    assert said.summary.startswith("Found by odd_route (1st).")


def test_only_what_tells_is_told() -> None:
    (said,) = explain(ranked_by(model()), "a")
    assert said.summary.count(",") <= 2 * (SHOWN - 1)
    for reason in said.reasons:
        assert abs(reason.effect) > 0


@pytest.mark.parametrize(
    ("place", "word"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (100, "100th"), (101, "101st"), (111, "111th"), (112, "112th"), (1_013, "1013th"), (1_022, "1022nd")],
)  # fmt: skip
def test_ordinals(place: Any, word: str) -> None:
    assert ordinal(place) == word

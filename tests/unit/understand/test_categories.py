"""The category classifier as it is served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from api.understand.categories import CategoryModel, features_of, softmax


def test_features_are_words_pairs_and_grams() -> None:
    assert features_of("USB hub", (4,)) == ["usb", "hub", "usb hub", "#usb", "usb#", "#hub", "hub#"]
    assert features_of("hub hub", ()) == ["hub", "hub hub"]
    assert features_of("!!", (4,)) == []


MODEL = CategoryModel(
    labels=("", "Cables", "Headphones"), features={"cable": 0, "headphones": 1, "black": 2}, grams=(),
    idf=np.array([2, 2, 1], np.float32), starts=np.array([0, 1, 3, 4]), classes=np.array([1, 0, 2, 0], np.int32),
    weights=np.array([6, -1, 5, 2], np.float32), bias=np.array([1, 0, 0], np.float32),
    raw=np.array([0.0, 1.0]), calibrated=np.array([0.0, 1.0]), least=0.05,
)  # fmt: skip


def test_probabilities_are_the_regression_by_hand() -> None:
    length = np.sqrt(2**2 + 1**2)
    logits = np.array([1 - 1 * 2 / length + 2 * 1 / length, 0, 5 * 2 / length])
    found = MODEL.probabilities("black headphones")
    assert found is not None
    np.testing.assert_allclose(found, softmax(logits), rtol=1e-6)
    assert MODEL("black headphones")[0] == ("Headphones", pytest.approx(float(softmax(logits)[2])))


def test_best_first_and_never_none() -> None:
    answer = MODEL("cable headphones")
    assert [label for label, _ in answer] == ["Cables", "Headphones"]
    assert answer[0][1] > answer[1][1] >= MODEL.least
    assert MODEL("black") == ()  # "none of these" by far: what is left is below `least`


def test_words_never_seen_say_nothing() -> None:
    assert MODEL("xyzzy") == ()
    assert MODEL("") == ()
    assert MODEL("xyzzy cable") == MODEL("cable")


def test_calibration_takes_certainty_away() -> None:
    wary = replace(MODEL, calibrated=np.array([0.0, 0.5]))
    assert wary("cable")[0][1] == pytest.approx(MODEL("cable")[0][1] / 2)


def test_calibrated_probabilities_sum_to_one_at_most() -> None:
    bold = replace(MODEL, raw=np.array([0.0, 0.1, 1.0]), calibrated=np.array([0.0, 0.9, 1.0]))
    assert sum(share for _, share in bold("cable headphones")) <= 1 + 1e-9

"""Which kind is wanted."""

from __future__ import annotations

import pytest
from chain_lexicon import understand


@pytest.mark.parametrize("q", ["headphones", "video card", "camera live view", "", "laptop under 500", "dvd player"])
def test_products_by_default(q: str) -> None:
    assert understand(q).intent["product"] > 0.8


@pytest.mark.parametrize(
    "q", ["how to clean a keyboard", "laptop review", "laptop unboxing", "dell vs hp laptop", "keyboard tutorial"]
)
def test_videos(q: str) -> None:
    plain = understand("laptop").intent["video"]
    assert understand(q).intent["video"] > 8 * plain


@pytest.mark.parametrize("q", ["laptop live", "live shopping shoes", "shoes livestream", "live now"])
def test_lives(q: str) -> None:
    assert understand(q).intent["live"] > 0.3


def test_the_words_stay_and_the_report_says_why() -> None:
    seen = understand("laptop review")
    assert seen.text == "laptop review"
    assert seen.steps[-1].note == "review → video"


def test_a_person_is_watched_rather_than_bought() -> None:
    assert understand("mika singh").intent["video"] > 0.3

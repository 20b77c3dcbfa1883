"""What is not wanted, and words that only look like it."""

from __future__ import annotations

import pytest
from chain_lexicon import BARE, understand


@pytest.mark.parametrize(
    ("q", "text", "excluded"),
    [
        ("mouse without cable", "mouse", ("cable",)),
        ("mouse w/o cable", "mouse", ("cable",)),
        ("mouse without a cable for laptop", "mouse for laptop", ("cable",)),
        ("without cable mouse", "mouse", ("cable",)),
        ("headphones without noise cancelling black", "headphones black", ("noise cancelling",)),
        ("case without flip cover for samsung", "case for samsung", ("flip cover",)),
        ("headphones without cable and microphone", "headphones", ("cable", "microphone")),
        ("laptop except apple or dell", "laptop", ("apple", "dell")),
        ("laptop -dvd -apple", "laptop", ("dvd", "apple")),
        ("laptop no dvd", "laptop", ("dvd",)),
        ("headphones not wireless", "headphones", ("wireless",)),
    ],
)
def test_what_is_not_wanted_leaves_the_text(q: str, text: str, excluded: tuple[str, ...]) -> None:
    seen = understand(q, "normalise", "negation")
    assert (seen.text, seen.excluded) == (text, excluded)
    assert tuple(span.value for span in seen.of_type("excluded")) == excluded


@pytest.mark.parametrize(
    "q",
    [
        "no name mouse",
        "mouse no name",
        "no 5",
        "shirt no 5",
        "fridge no frost",
        "dr no",
        "games no more",
        "no",
        "laptop no",
        "laptop without",
        "without cable",
        "laptop not zzyzx",
        "no dvd laptop",
        "laptop not only games",
        "usb-c hub",
        "-20",
    ],
)
def test_names_and_talk_stay(q: str) -> None:
    seen = understand(q, "negation")
    assert (seen.text, seen.excluded) == (q, ())


def test_what_is_not_wanted_is_not_recognised_as_wanted() -> None:
    assert [span.type for span in understand("laptop without samsung").spans] == ["excluded"]


def test_only_an_exclusion_within_a_price_browses_without_it() -> None:
    seen = understand("without cable under 20")
    assert (seen.text, seen.excluded) == ("", ("cable",))


def test_without_a_lexicon_one_word_is_taken() -> None:
    assert BARE.understand("headphones without noise cancelling").excluded == ("noise",)

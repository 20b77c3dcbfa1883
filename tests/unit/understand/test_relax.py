"""Shorter queries: what goes first, what stays, and when nothing is left."""

from __future__ import annotations

import pytest
from chain_lexicon import BARE, LEXICON, RULES, understand
from hypothesis import given, settings
from hypothesis import strategies as st

from api.understand.relax import relaxations


def texts(q: str) -> list[str]:
    return [relaxed.text for relaxed in relaxations(understand(q), LEXICON, RULES)]


@pytest.mark.parametrize(
    ("q", "shorter"),
    [
        ("black leather case", ["leather case", "case"]),
        ("samsung zzyzx monitor", ["samsung monitor", "monitor"]),
        ("the best monitor", ["monitor"]),
        ("red office chair zzyzx monitor", ["red office monitor", "red monitor", "monitor"]),
        ("256 gb ssd drive", ["256 gb drive", "drive"]),
        ("brother tn-2110 toner", ["brother tn-2110", "tn-2110"]),
        ("case for iphone 12", ["case iphone", "case"]),
        ("laptop review", ["laptop"]),
        ("monitor", []),
        ("zzyzx", [""]),
        ("qqwwx zzyzx", [""]),
        ("", []),
        (
            "wireless black usb laptop keyboard office power monitor",
            ["wireless black laptop keyboard monitor", "keyboard monitor", "monitor"],
        ),
    ],
)
def test_what_says_least_goes_first(q: str, shorter: list[str]) -> None:
    assert texts(q) == shorter


def test_what_was_dropped_is_said() -> None:
    first = relaxations(understand("samsung zzyzx monitor"), LEXICON, RULES)[0]
    assert first.dropped == ("zzyzx",)


def test_without_a_lexicon_fillers_go() -> None:
    assert relaxations(BARE.understand("the best monitor"), None, RULES)[0].text == "monitor"


@settings(deadline=None)
@given(st.text(max_size=80))
def test_each_round_is_shorter_and_made_of_the_same_words(q: str) -> None:
    seen = understand(q)
    before = seen.text.split()
    rounds = relaxations(seen, LEXICON, RULES)
    assert len(rounds) <= RULES.relax.rounds
    for relaxed in rounds:
        words = relaxed.text.split()
        assert len(words) < len(before)
        assert sorted([*words, *" ".join(relaxed.dropped).split()]) == sorted(seen.text.split())
        before = words

"""Words that begin almost as was typed, against the plain definition of the distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.suggest.slips import BAND, LONGEST, SlipIndex, distances

WORDS = ["wireless", "wired", "mouse", "monitor", "headphones", "headset", "keyboard", "haze"]
LETTERS = st.text("abc", min_size=1, max_size=7)


def plain(typed: str, word: str) -> int:
    """Optimal string alignment by its definition."""
    table = [[i + j if not i * j else 0 for j in range(len(word) + 1)] for i in range(len(typed) + 1)]
    for i in range(1, len(typed) + 1):
        for j in range(1, len(word) + 1):
            ways = [table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (typed[i - 1] != word[j - 1])]
            if i > 1 and j > 1 and typed[i - 1] == word[j - 2] and typed[i - 2] == word[j - 1]:
                ways.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(ways)
    return table[-1][-1]


@settings(deadline=None)
@given(LETTERS, st.lists(LETTERS, min_size=1, max_size=5))
def test_distances_are_those_of_the_definition(typed: str, words: list[str]) -> None:
    letters = np.zeros((len(words), LONGEST), np.uint32)
    for row, word in enumerate(words):
        letters[row, : len(word)] = [ord(char) for char in word]
    lengths = np.array([len(word) for word in words], np.int16)
    whole, _ = distances(typed, letters, lengths, begins=False)
    begun, ends = distances(typed, letters, lengths, begins=True)
    for row, word in enumerate(words):
        expected = plain(typed, word)
        assert whole[row] == expected or (expected > BAND and whole[row] > BAND)
        nearest = min(plain(typed, word[:end]) for end in range(len(word) + 1))
        assert begun[row] == nearest or (nearest > BAND and begun[row] > BAND)
        if begun[row] <= BAND:
            assert plain(typed, word[: ends[row]]) == begun[row]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("wirless", "wireless"), ("mosue", "mouse"), ("haedph", "headph"), ("moniter", "monitor"), ("kexb", "keyb")],
)
def test_mistyped_beginnings_are_read(typed: str, meant: str) -> None:
    index = SlipIndex(dict.fromkeys(WORDS, 1.0))
    assert index.readings(typed, 1, 3, begins=True)[0].text == meant


def test_the_better_known_of_equally_near_words_comes_first() -> None:
    for first, second in (("bat", "bar"), ("bar", "bat")):
        index = SlipIndex({first: 0.9, second: 0.1})
        assert [one.text for one in index.readings("bax", 1, 3, begins=False)] == [first, second]


@pytest.mark.parametrize("typed", ["", "x", "鼠标", "a" * 10_000, "\x00"])
def test_what_cannot_be_read_gives_nothing(typed: str) -> None:
    assert SlipIndex(dict.fromkeys(WORDS, 1.0)).readings(typed, 2, 3, begins=True) == []
    assert SlipIndex({}).readings(typed, 2, 3, begins=True) == []

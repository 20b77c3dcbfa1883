"""Folded letters, and where they stand in the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.suggest.letters import key_of, letters_of, marked
from api.suggest.typed import LONGEST, MOST_WORDS, read_typed


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Étui  Cuir", "etui cuir"),
        ("Men's T-Shirt", "mens t shirt"),
        ("E\u0301tui", "etui"),
        ("أحذية", "احذية"),
        ("2.4 GHz", "2 4 ghz"),
        ("Straße", "strasse"),
        ("무선 마우스", letters_of("무선").key + " " + letters_of("마우스").key),
        ("किताब", "किताब"),
        ("!!! — ???", ""),
        ("", ""),
    ],
)
def test_keys(text: str, key: str) -> None:
    assert key_of(text) == key


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_way_for_plain_letters_gives_the_same(text: str) -> None:
    assert key_of(text) == letters_of(text).key


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_has_letters_with_places_in_it(text: str) -> None:
    letters = letters_of(text)
    assert len(letters.key) == len(letters.places)
    assert all(0 <= start < end <= len(text) for start, end in letters.places)
    assert "  " not in letters.key
    assert letters.key == letters.key.strip()


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("Wireless Mouse", "mou", ["Mou"]),
        ("Wireless Mouse", "wireless m", ["Wireless M"]),
        ("E\u0301tui de cuir", "etui", ["E\u0301tui"]),
        ("Étui de cuir", "etu", ["Étu"]),
        ("Mouse, USB, wireless", "wireless usb", ["USB", "wireless"]),
        ("无线鼠标", "鼠标", ["鼠标"]),
        ("أحذية رياضية", "احذ", ["أحذ"]),
        ("Ergonomic mouse", "ous", []),
        ("Mouse", "", []),
    ],
)
def test_what_was_typed_is_marked_in_the_shown_text(text: str, typed: str, shown: list[str]) -> None:
    assert [text[start:end] for start, end in marked(text, typed)] == shown


@settings(deadline=None)
@given(st.text(max_size=50), st.text(max_size=10))
def test_marks_are_in_order_and_within_the_text(text: str, typed: str) -> None:
    ranges = marked(text, key_of(typed))
    assert all(0 <= start < end <= len(text) for start, end in ranges)
    assert all(one[1] < other[0] for one, other in pairwise(ranges))


@settings(deadline=None)
@given(st.text())
def test_any_typed_text_is_read_and_bounded(q: str) -> None:
    typed = read_typed(q)
    assert len(typed.text) <= LONGEST
    assert len(typed.text.split()) <= MOST_WORDS
    assert typed.text.isprintable() or "\u200d" in typed.text or not typed.text.isascii()


def test_control_characters_part_words_and_a_long_line_is_cut() -> None:
    assert read_typed("usb\x00cable\x1b[31m\n").text == "usb cable [31m"
    assert read_typed("usb \ud800 c").text == "usb c"
    assert len(read_typed("x" * 1_000_000).text) == LONGEST
    assert read_typed("usb ").closed
    assert not read_typed("usb").closed

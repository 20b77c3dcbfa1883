"""The pattern by which the engine finds values that contain some letters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.browse.facet_values import PATTERN_ROOM, pattern
from api.understand.vocabulary import fold


def found(contains: str, value: str) -> bool:
    return re.fullmatch(f".*{pattern(fold(contains))}.*", value, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("contains", "value"),
    [
        ("etui", "Étui Cuir"), ("ETUI", "e\u0301tui"), ("son", "SONY"), ("ångstr", "Ångström"), ("احذ", "أحذية"),
        ("пример", "ПРИМЕР"), ("a.b", "A.B"), ("(x) [y]", "(X) [y]"), ("鼠标", "无线鼠标"), ("삼", "삼성"),
        ("か", "がく"), ("", "anything"), ("c++", "C++ book"),
    ],
)  # fmt: skip
def test_cases_accents_and_scripts(contains: str, value: str) -> None:
    assert found(contains, value)


def test_other_letters_do_not_fit() -> None:
    assert not found("sony", "Song")
    assert not found("a.b", "a")


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["C"]), max_size=30))
def test_a_value_is_found_by_its_own_letters(value: str) -> None:
    if len(fold(value)) == len(value):  # letters that fold to two are left to the exact comparison
        assert found(value, value)


@pytest.mark.parametrize(
    ("contains", "other"), [("a-----", "a-"), ("c++ - c", "c+c"), ("한국어", "삼"), ("한국 어", "삼 성")]
)
def test_runs_of_signs_and_of_korean_letters_are_one_step(contains: str, other: str) -> None:
    assert pattern(fold(contains)) == pattern(fold(other))


def test_a_long_text_has_room() -> None:
    assert len(pattern("a" * 100)) <= PATTERN_ROOM
    assert found("a" * 100, "A" * 100)

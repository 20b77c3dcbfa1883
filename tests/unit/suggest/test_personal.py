"""Searches of others that may be shown, and those that must not."""

from __future__ import annotations

import pytest

from api.suggest.personal import may_be_shown


@pytest.mark.parametrize("query", ["wireless mouse", "iphone 12", "hp 17 inch", "无线鼠标", "سماعات", "m8x20 schraube"])
def test_ordinary_words_are_shown(query: str) -> None:
    assert may_be_shown(query, 60, 5)


@pytest.mark.parametrize(
    "query",
    [
        "ann.smith@example.org", "ann @ home", "www.example.com", "https://a.b/c", "order 4711008154711",
        "0151 234-567-89 mobile", "call (030) 123 456", "4111 1111 1111 1111 visa", "x" * 61, "12345", "   ", "",
        "evil\x00mouse", "a\u202eb",
    ],
)  # fmt: skip
def test_what_may_be_personal_or_hostile_is_not(query: str) -> None:
    assert not may_be_shown(query, 60, 5)

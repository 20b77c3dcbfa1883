"""Language by words, among the shop's own only."""

from __future__ import annotations

import sys

import pytest
from chain_lexicon import LEXICON, RULES

from api.understand.chain import Understander

BOTH = Understander(LEXICON, RULES, ("en", "de", "cjk"))


@pytest.mark.parametrize(
    ("q", "language"),
    [
        ("günstiger kopfhörer", "de"),
        ("fernseher unter 500 euro", "de"),
        ("comfortable running shoes for women", "en"),
        ("samsung", "en"),
        ("smartphone", "en"),
        ("ssd", "en"),
        ("", "en"),
        ("无线鼠标", "cjk"),
    ],
)
def test_the_language_of_a_query_or_the_default(q: str, language: str) -> None:
    assert BOTH.understand(q).language == language


def test_what_was_asked_for_is_not_guessed() -> None:
    assert BOTH.understand("günstiger kopfhörer", language="en").language == "en"


def test_the_words_of_the_language_are_used() -> None:
    seen = BOTH.understand("kabellose kopfhörer ohne mikrofon unter 50 euro")
    assert (seen.excluded, seen.price and seen.price.lte) == (("mikrofon",), 50)


def test_one_language_loads_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lingua", None)
    assert Understander(LEXICON, RULES, ("en",)).understand("günstiger kopfhörer").language == "en"

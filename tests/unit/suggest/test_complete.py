"""What a typed line is completed to: as it stands, with slips mended, by its tail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggest_shop import LEXICON, completer, shop

from api.suggest.model import SUGGESTION_KINDS
from api.suggest.prefixes import PrefixIndex
from api.suggest.slips import Reading, SlipIndex
from api.suggest.typed import read_typed
from api.understand.lexicon import Lexicon

ALL = completer()


def texts(q: str, lexicon: Lexicon | None = LEXICON) -> list[str]:
    made = ALL if lexicon is LEXICON else completer(lexicon)
    return [one.completion.text for one in made.fitting(read_typed(q), SUGGESTION_KINDS, 8)]


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("wireless m", "wireless mouse"),
        ("WIRELESS H", "wireless headphones"),
        ("mouse", "mouse pad"),
        ("wirless mo", "wireless mouse"),
        ("wirelss", "wireless mouse"),
        ("gmaing cha", "gaming chair"),
        ("emil", "Émile"),
        ("mon", "Monolith"),
        ("wise", "Mona Wise"),
        ("logi wireless mo", "logi wireless mouse"),
    ],
)
def test_a_typed_line_finds_what_was_meant(q: str, first: str) -> None:
    assert texts(q)[0] == first


def test_every_kind_is_found_and_words_within_too() -> None:
    assert set(texts("m")) >= {"mouse pad", "Monolith", "Mice", "Mona Wise", "wireless mouse"}
    assert texts("mice") == ["Mice", "Mice"], "one a path"


@pytest.mark.parametrize("q", ["pavilion", "runni", "hp", "xq", "zzzzzz", "mo0se"])
def test_known_short_and_strange_words_are_not_mended(q: str) -> None:
    assert not any(one.slips for one in ALL.fitting(read_typed(q), SUGGESTION_KINDS, 8))


def test_a_closed_word_is_whole() -> None:
    assert texts("mouse ")[:1] == ["mouse pad"]
    assert texts("mou ") == []
    assert "mouse pad" in texts("mou")


def test_a_lexicon_adds_heads_and_knows_words_and_none_is_needed() -> None:
    assert texts("wireless m", None)[0] == "wireless mouse"
    assert texts("wirless mo", None)[0] == "wireless mouse"
    assert texts("logi wireless mo", None) == []
    assert ALL.mended_text(read_typed("runing mouse")) == "running mouse"
    assert ALL.mended_text(read_typed("running mouse")) is None


def test_a_line_that_is_all_wrong_is_soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    look = SlipIndex.readings

    def noted(index: SlipIndex, typed: str, most: int, keep: int, begins: bool) -> list[Reading]:
        looked_at.append(typed)
        return look(index, typed, most, keep, begins)

    monkeypatch.setattr(SlipIndex, "readings", noted)
    made, typed = completer(), read_typed("wirelss mousse gamng chiar hedphones runing paviliom wireles")
    assert made.fitting(typed, SUGGESTION_KINDS, 8) == []
    assert made.mended_text(typed) is None
    assert looked_at == ["wirelss", "mousse", "gamng", "chiar"]


def test_before_anything_is_typed_the_best_known_come_first() -> None:
    shown = [one.completion.text for one in ALL.popular(["query", "category"], 2)]
    assert shown == ["wireless mouse", "wireless headphones", "Electronics", "Mice"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_line_is_answered_the_same_way_twice(q: str) -> None:
    typed = read_typed(q)
    assert ALL.fitting(typed, SUGGESTION_KINDS, 5) == ALL.fitting(typed, SUGGESTION_KINDS, 5)


@settings(deadline=None)
@given(st.sampled_from([one.key for one in shop()]), st.integers(1, 12))
def test_each_beginning_of_a_text_finds_it(key: str, letters: int) -> None:
    index = PrefixIndex(shop(), 0.6)
    assert key in {fit.completion.key for fit in index.best(key[:letters], SUGGESTION_KINDS, 50)}


def test_an_empty_index_finds_nothing() -> None:
    assert PrefixIndex([], 0.6).best("a", SUGGESTION_KINDS, 5) == []
    assert not PrefixIndex([], 0.6).begins("a")

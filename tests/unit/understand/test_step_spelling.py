"""The speller: what it corrects, what it only offers, and what it never touches."""

from __future__ import annotations

from random import Random

import pytest
from chain_lexicon import CHAIN, LEXICON, RULES, WORDS, only, understand

from api.understand.chain import Understander
from api.understand.lexicon import Lexicon
from api.understand.typos import slip_cost
from learn.checks.spelling import SLIPS, check_spelling, mistype, rewritten_if_unknown

COSTS = RULES.spelling.costs


def corrected(q: str) -> str:
    return understand(q, "normalise", "spelling").text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("keybaord", "keyboard"),
        ("keybord", "keyboard"),
        ("keyyboard", "keyboard"),
        ("keyboatd", "keyboard"),
        ("wirlesss mouse", "wireless mouse"),
        ("samsugn", "samsung"),
        ("moniter", "monitor"),
        ("screen protecter", "screen protector"),
        ("lapotps", "laptops"),
        ("laptop chepa", "laptop cheap"),
    ],
)
def test_a_slip_is_corrected(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "q",
    [
        "canyon",
        "mika singh",
        "tn2111",
        "dv7-1211ea",
        "256 gb",
        "aa",
        "tvs",
        "wi-fi",
        "headphone",
        "колонка",
        "mouses",
        "reviews",
    ],
)
def test_what_has_results_or_is_no_plain_word_stays(q: str) -> None:
    assert corrected(q) == q


def test_short_words_are_left_alone_and_middling_ones_get_one_edit() -> None:
    assert corrected("lns") == "lns"
    assert corrected("mosse") == "mouse"
    assert corrected("dxskt") == "dxskt"


def test_the_words_beside_it_decide() -> None:
    lexicon = Lexicon.of(
        {"lead": 60, "lend": 60, "free": 500, "money": 90}, documents=1000, bigrams={("lead", "free"): 40}
    )
    chain = Understander(lexicon, RULES, ("en",))
    assert chain.understand("lexd free", without=only("spelling")).text == "lead free"
    assert chain.understand("lexd money", without=only("spelling")).text == "lexd money"


def test_a_doubtful_correction_is_offered_and_not_made() -> None:
    lexicon = Lexicon.of({"lead": 200, "lend": 200}, documents=1000)
    step = Understander(lexicon, RULES, ("en",)).understand("lexd", without=only("spelling")).steps[0]
    assert step.after == "lexd"
    assert "did you mean" in step.note


def test_a_rare_word_beside_a_frequent_one_is_offered() -> None:
    lexicon = Lexicon.of({"cartrige": 1, "cartridge": 4000}, documents=9000)
    seen = Understander(lexicon, RULES, ("en",)).understand("cartrige", without=only("spelling"))
    assert (seen.text, seen.corrections) == ("cartrige", ())
    assert seen.steps[0].note == "did you mean cartridge for cartrige?"


def test_likelier_slips_cost_less() -> None:
    swap, beside, other = (slip_cost(typed, "mouse", COSTS) for typed in ("muose", "nouse", "pouse"))
    assert slip_cost("mouse", "mouse", COSTS) == 0
    assert swap < slip_cost("mpuse", "mouse", COSTS) < slip_cost("mquse", "mouse", COSTS)
    assert slip_cost("keyyboard", "keyboard", COSTS) < slip_cost("keyzboard", "keyboard", COSTS)
    assert beside < other


def test_mistyped_words_come_back_and_clean_ones_stay() -> None:
    words = [word for word in WORDS if word.isalpha() and len(word) > 4]
    check = check_spelling(CHAIN, LEXICON, words)
    assert len(check.slipped) > 200
    assert check.right_share > 0.9
    assert check.harmed == ()
    assert set(check.right_by_slip()) == set(SLIPS)


def test_rare_words_near_frequent_ones_are_the_harm_to_new_names() -> None:
    lexicon = Lexicon.of({"keyboard": 4000, "keyboart": 1, "zzyzxabc": 1}, documents=9000)
    assert rewritten_if_unknown(Understander(lexicon, RULES, ("en",)), lexicon) == 0.5


def test_the_check_sees_a_speller_that_does_nothing() -> None:
    check = check_spelling(Understander(None, RULES, ("en",)), LEXICON, ["keyboard", "monitor"])
    assert check.right_share == 0


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_makes_another_word_with_the_same_first_letter(slip: str) -> None:
    typed = mistype("keyboard", slip, Random(1))
    assert typed != "keyboard"
    assert typed[0] == "k"

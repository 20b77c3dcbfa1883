"""Cleaning and units: the writings of one thing become one text, and names with digits stay."""

from __future__ import annotations

import pytest
from chain_lexicon import BARE, CHAIN, LEXICON, RULES, only
from hypothesis import given
from hypothesis import strategies as st

from api.understand.measures import in_other_units

NORMALISE = only("normalise")


@pytest.mark.parametrize(
    ("writings", "text"),
    [
        (
            ['17" tv', "17 in tv", "17 inch tv", "17-inch tv", "17 inches tv", "17'' tv", "17in tv", "17” tv"],
            "17 inch tv",
        ),
        (['15.6" bag', "15,6 inch bag", "15.6-inch bag"], "15.6 inch bag"),
        (["256gb", "256 GB", "256-gb", "256 gigabytes"], "256 gb"),
        (["1,000 gb", "1000gb"], "1000 gb"),
        (["5 w lamp", "5w lamp", "5 watt lamp"], "5w lamp"),
        (["5g phone", "5 G phone"], "5g phone"),
        (["2 in 1 laptop"], "2 in 1 laptop"),
        (["5 in a box"], "5 in a box"),
        (["usb-c hub", "USB-C hub.", "(usb-c) hub", "usb-c, hub"], "usb-c hub"),
        (["tn-2110", "TN-2110"], "tn-2110"),
        (["mouse -cable", "mouse  -cable"], "mouse -cable"),
        (["mouse - cable", "mouse – cable"], "mouse cable"),
        (["3.5mm jack"], "3.5 mm jack"),
        (["black & decker"], "black & decker"),
        (["ｌａｐｔｏｐ"], "laptop"),
        (["men's shoes", "men’s shoes"], "men's shoes"),
        (["$20 mouse"], "$20 mouse"),
        (["mouse <20 €"], "mouse < 20 €"),
        (["a < b"], "a b"),
        (["?!"], "?!"),
    ],
)
def test_writings_of_one_thing(writings: list[str], text: str) -> None:
    assert {CHAIN.understand(q, without=NORMALISE).text for q in writings} == {text}


@given(st.text(max_size=100))
def test_what_is_clean_stays_clean(q: str) -> None:
    once = CHAIN.understand(q, without=NORMALISE).text
    assert CHAIN.understand(once, without=NORMALISE).text == once


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("17 inch laptop", "43.2 cm laptop"),
        ("43.2 cm laptop", "17 inch laptop"),
        ("1 tb drive", "1000 gb drive"),
        ("1000 gb drive", "1 tb drive"),
        ("256 gb drive", "256 gb drive"),
        ("2 inch pipe", "2 inch pipe"),
        ("24 inch monitor", "24 inch monitor"),  # the catalogue has no 61 cm
    ],
)
def test_the_other_unit_is_the_one_the_catalogue_writes(text: str, other: str) -> None:
    assert in_other_units(text, RULES.normalise, LEXICON) == other


def test_without_a_lexicon_every_conversion_is_given() -> None:
    assert in_other_units("24 inch monitor", RULES.normalise, None) == "61 cm monitor"
    assert BARE.understand("24 inch monitor").variants == ("61 cm monitor",)


def test_a_variant_lacks_what_left_the_text() -> None:
    assert CHAIN.understand("17 inch laptop without dvd under 500").variants == ("43.2 cm laptop",)

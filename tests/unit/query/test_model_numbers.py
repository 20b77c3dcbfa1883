"""Model numbers: one product, however its number is typed; and what is no model number."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from query_plans import NOW

from api.query.words import read_words
from stack.documents import Product, is_measure, model_key, model_keys


@pytest.mark.parametrize(
    ("q", "key"),
    [
        ("dv7-1211ea", "dv71211ea"),
        ("DV7 1211EA", "dv71211ea"),
        ("dv7 1211ea", "dv71211ea"),
        ("HP DV7/1211EA laptop", "dv71211ea"),
        ("TN2110", "tn2110"),
        ("brother tn-2110 toner", "tn2110"),
        ("SM-G 950 F", "smg950f"),
        ("5050083023455", "5050083023455"),
        ("gtin 5 050083 023455", "5050083023455"),
        ("12345670", "12345670"),
        ("S-78C", "s78c"),
        ("s.78 c", "s78c"),
        ("wd 40", "wd40"),
    ],
)
def test_spellings_of_one_number(q: str, key: str) -> None:
    assert key in read_words(q).model_keys


@pytest.mark.parametrize(
    "q",
    [
        "256gb",
        "256 GB",
        "43.2cm",
        "43.2 cm",
        "1080p",
        "17 inch",
        "100 ml",
        "500mah",
        "wireless mouse",
        "",
        "12345",
        "wd-40 spray for bicycle chains",
        "ip65 lamp for the garden",
        "mp3",
        "usb3",
    ],
)
def test_no_model_number(q: str) -> None:
    """A short number among other words is too short to be sure: it is found by its parts, as the analysis has them."""
    assert read_words(q).model_keys == ()


@pytest.mark.parametrize(
    "measure", ["256gb", "43.2cm", "43,2cm", "1080p", "4k", "17in", "3.5-inch", "65w", "5x", "2.4GHz"]
)
def test_measures(measure: str) -> None:
    assert is_measure(measure)


@pytest.mark.parametrize("word", ["dv7", "wd40", "i7", "tn2110", "gb", "256", "x1c"])
def test_not_measures(word: str) -> None:
    assert not is_measure(word)


@hypothesis_settings(deadline=None, max_examples=80)
@given(st.from_regex(r"[A-Za-z]{2,6}[-/ .]?[0-9]{3,6}[-/.]?[A-Za-z]{0,3}", fullmatch=True))
def test_a_product_is_found_by_its_own_number(number: str) -> None:
    """The key that a document is indexed under is among the keys of a query for it, in any case, and alone or not."""
    product = Product(id="p", title="A thing", model=number, updated_at=NOW)
    # Split at its hyphen, `AA-000P` has a part that reads as a measure: 000 p; so has `AA 000-G` as it is written.
    parts = [number, *number.split(), *re.split(r"[-/. ]", number), re.sub(r"[-/. ]", "", number)]
    assume(not any(map(is_measure, parts)))
    (key,) = model_keys(product)
    for q in (number, number.upper(), number.lower(), f"buy {number} now", number.replace("-", " "), model_key(number)):
        assert key in read_words(q).model_keys


def test_a_query_of_many_words_gives_a_bounded_number_of_keys() -> None:
    keys = read_words(" ".join(f"ab{n:03}" for n in range(100))).model_keys
    assert 32 <= len(keys) <= 3 * 32
    assert len(keys) == len(set(keys))

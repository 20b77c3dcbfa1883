"""Prices in words, and numbers that are none."""

from __future__ import annotations

import pytest
from chain_lexicon import only, understand

from api.understand.model import PriceRange, Understanding

PRICE = only("normalise", "price")


def read(q: str) -> Understanding:
    return understand(q, "normalise", "price")


@pytest.mark.parametrize(
    ("q", "text", "price"),
    [
        ("laptop under 500", "laptop", PriceRange(lte=500)),
        ("laptop below 500€", "laptop", PriceRange(lte=500, currency="EUR")),
        ("laptop up to 1.000 euro", "laptop", PriceRange(lte=1000, currency="EUR")),
        ("laptop < 1,299.50 $", "laptop", PriceRange(lte=1299.5, currency="USD")),
        ("cheaper than 20 laptop", "laptop", PriceRange(lte=20)),
        ("laptop at least 300", "laptop", PriceRange(gte=300)),
        ("laptop > £300", "laptop", PriceRange(gte=300, currency="GBP")),
        ("laptop between $300 and $500", "laptop", PriceRange(300, 500, "USD")),
        ("laptop from 300 to 500", "laptop", PriceRange(300, 500)),
        ("laptop 300-500 euros", "laptop", PriceRange(300, 500, "EUR")),
        ("laptop priced between 1000 and 2000", "laptop", PriceRange(1000, 2000)),
        ("over 300 laptop under 500", "over 300 laptop", PriceRange(lte=500)),
        ("max 30 mouse", "mouse", PriceRange(lte=30)),
        ("mouse under 30 black", "mouse black", PriceRange(lte=30)),
        ("cheapest laptop under 500", "laptop", PriceRange(lte=500, wish="cheap")),
        ("low cost laptop", "laptop", PriceRange(wish="cheap")),
        ("not too expensive laptop", "laptop", PriceRange(wish="cheap")),
        ("expensive laptop", "laptop", PriceRange(wish="expensive")),
    ],
)
def test_a_price_leaves_the_text(q: str, text: str, price: PriceRange) -> None:
    seen = read(q)
    assert (seen.text, seen.price) == (text, price)
    assert {span.type for span in seen.spans} == {"price"}


@pytest.mark.parametrize(
    "q",
    [
        "iphone 12",
        "windows 10",
        "nike air max 90",
        "iphone 12 pro max 256",
        "20-50 mm lens",
        "20-50",
        "100-240v adapter",
        "over ear headphones",
        "under desk",
        "drive under 500 gb",
        "desk under 200 cm",
        "printer over 100 pages",
        "monitor over 1000 lumens",
        "laptop from 2019",
        "games between 2015 and 2019",
        "laptop between 500 and 300",
        "laptop under 0",
        "laptop under 99999999",
        "speaker 20 €",
        "under 12 zzyzx",
        "usb 3",
    ],
)
def test_other_numbers_stay(q: str) -> None:
    seen = read(q)
    assert (seen.text, seen.price, seen.spans) == (q, None, ())


def test_a_currency_makes_a_number_a_price_wherever_it_stands() -> None:
    assert read("laptop from 2019 €").price == PriceRange(gte=2019, currency="EUR")
    assert read("over 100 € headphones").text == "headphones"


def test_a_bare_number_is_less_sure_than_one_with_a_currency() -> None:
    bare, money = (read(q).spans[0].certainty for q in ("laptop over 300", "laptop over 300 euro"))
    assert bare < money

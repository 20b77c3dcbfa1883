"""The whole chain on a small catalogue: what each kind of query becomes, and that no input breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from chain_lexicon import BARE, CHAIN, GERMAN, LEXICON, RULES, understand
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.model import MAX_QUERY
from api.understand.chain import NAMES, Understander
from api.understand.model import Understanding

# Query → what must be seen in it. What is not named here: the text stays, nothing is excluded, no price.
# Spans as (type, text); price as (gte, lte, currency, wish); intent: the most probable kind other than product.
GOLDEN: dict[str, dict[str, Any]] = {
    # plain words stay as they are
    "headphones": {"spans": {("category", "headphones")}},
    "wireless mouse": {"spans": {("attribute", "wireless")}},
    "Wireless MOUSE": {"text": "wireless mouse"},
    "  wireless   mouse, ": {"text": "wireless mouse"},
    "“wireless” mouse!": {"text": "wireless mouse"},
    "laptops": {},
    "phone case": {},
    "graphics card": {},
    "mouse & keyboard": {},
    "brother tn-2110 toner": {"spans": {("brand", "brother"), ("model", "tn-2110")}},
    "samsung monitor": {"spans": {("brand", "samsung")}},
    "nintendo switch": {"spans": {("brand", "nintendo")}, "not_spans": {("brand", "switch")}},
    "toner cartridges": {"spans": {("category", "toner cartridges")}},
    "rose gold laptop": {"spans": {("colour", "rose gold")}},
    "black leather case": {"spans": {("colour", "black"), ("material", "leather")}},
    "green case": {"spans": {("colour", "green")}},
    "xl shirt": {"spans": {("size", "xl")}},
    # units
    "256gb ssd": {"text": "256 gb ssd", "spans": {("size", "256 gb")}},
    "256 GB ssd": {"text": "256 gb ssd"},
    '17" laptop': {"text": "17 inch laptop", "variants": ("43.2 cm laptop",)},
    "17 in laptop": {"text": "17 inch laptop", "variants": ("43.2 cm laptop",)},
    "17-inch laptop": {"text": "17 inch laptop", "variants": ("43.2 cm laptop",)},
    "17'' laptop": {"text": "17 inch laptop", "variants": ("43.2 cm laptop",)},
    "17 inches laptop": {"text": "17 inch laptop", "variants": ("43.2 cm laptop",)},
    "43.2cm laptop": {"text": "43.2 cm laptop", "variants": ("17 inch laptop",)},
    "43,2 cm laptop": {"text": "43.2 cm laptop", "variants": ("17 inch laptop",)},
    "1 TB hard drive": {"text": "1 tb hard drive", "variants": ("1000 gb hard drive",)},
    "1,000 GB hard drive": {"text": "1000 gb hard drive", "variants": ("1 tb hard drive",)},
    "2 in 1 laptop": {},
    "5g phone": {},
    "100-240v adapter": {"not_spans": {("model", "100-240v")}},
    # spelling
    "wirless mouse": {"text": "wireless mouse", "corrections": (("wirless", "wireless"),)},
    "wireless muose": {"text": "wireless mouse"},
    "keybaord": {"text": "keyboard"},
    "hedphones": {"text": "headphones"},
    "samsng monitor": {"text": "samsung monitor", "spans": {("brand", "samsung")}},
    "bluetoth speeker": {"text": "bluetooth speaker"},
    "mouse wihtout cable": {"text": "mouse", "excluded": ("cable",)},
    "mika": {},
    "canyon": {},
    "dv7-1211ea": {"spans": {("model", "dv7-1211ea")}},
    "aa": {},
    "zzyzx": {},
    "écouteurs": {},
    "наушники": {},
    "鼠标": {},
    # compounds
    "head set": {"text": "headset", "corrections": (("head set", "headset"),)},
    "head phone stand": {"text": "headphone stand"},
    "blue tooth speaker": {"text": "bluetooth speaker"},
    "smart watch": {"variants": ("smartwatch",)},
    "smartwatch": {"variants": ("smart watch",)},
    "notebookcharger": {"text": "notebook charger"},
    "phonecase": {"text": "phone case"},
    "wd 40": {"variants": ("wd40",)},
    "power bank": {},
    "hard drive": {},
    # what it is for
    "case for iphone 12": {"spans": {("compatible", "iphone 12")}, "not_spans": {("model", "iphone 12")}},
    "case for samsung": {"spans": {("compatible", "samsung")}, "not_spans": {("brand", "samsung")}},
    "leather case compatible with samsung galaxy": {
        "spans": {("material", "leather"), ("compatible", "samsung galaxy")},
        "not_spans": {("brand", "samsung")},
    },
    "charger that fits dell": {"spans": {("compatible", "dell")}},
    "backpack for kids": {"not_spans": {("compatible", "kids")}},
    "for iphone": {"not_spans": {("compatible", "iphone")}},
    # negation
    "mouse without cable": {"text": "mouse", "excluded": ("cable",)},
    "wireless without receiver": {"text": "wireless", "excluded": ("receiver",)},
    "headphones without a microphone": {"text": "headphones", "excluded": ("microphone",)},
    "headphones without noise cancelling": {"text": "headphones", "excluded": ("noise cancelling",)},
    "phone case without flip cover": {"text": "phone case", "excluded": ("flip cover",)},
    "mouse without cable black": {"text": "mouse black", "excluded": ("cable",)},
    "keyboard without cable or numpad": {"text": "keyboard", "excluded": ("cable", "numpad")},
    "mouse -wireless": {"text": "mouse", "excluded": ("wireless",)},
    "laptop no dvd": {"text": "laptop", "excluded": ("dvd",)},
    "laptop not apple": {"text": "laptop", "excluded": ("apple",), "not_spans": {("brand", "apple")}},
    "no name mouse": {},
    "no 5": {},
    "fridge no frost": {},
    "games no more": {},
    "laptop without": {},
    "without cable": {},
    "wi-fi": {},
    # price
    "laptop under 500": {"text": "laptop", "price": (None, 500, None, None)},
    "headphones below $20": {"text": "headphones", "price": (None, 20, "USD", None)},
    "mouse less than 30 euro": {"text": "mouse", "price": (None, 30, "EUR", None)},
    "20-50 € headphones": {"text": "headphones", "price": (20, 50, "EUR", None)},
    "headphones €20 - €50": {"text": "headphones", "price": (20, 50, "EUR", None)},
    "mouse between 20 and 50": {"text": "mouse", "price": (20, 50, None, None)},
    "laptop from 100": {"text": "laptop", "price": (100, None, None, None)},
    "laptop over 1000": {"text": "laptop", "price": (1000, None, None, None)},
    "laptop over 500 under 1,000 euros": {"text": "laptop", "price": (500, 1000, "EUR", None)},
    "mouse max 30": {"text": "mouse", "price": (None, 30, None, None)},
    "laptop for under 999.99 usd": {"text": "laptop", "price": (None, 999.99, "USD", None)},
    "cheap laptop": {"text": "laptop", "price": (None, None, None, "cheap")},
    "under 500": {"text": "", "price": (None, 500, None, None)},
    "cheap": {"text": "", "price": (None, None, None, "cheap")},
    "iphone 12": {},
    "iphone 12 pro max 256": {},
    "nike air max 90": {},
    "20-50 mm lens": {},
    "windows 10": {},
    "under desk": {},
    "over ear headphones": {},
    "laptop under 500 gb": {},
    "headphones over 100 hours": {},
    "laptop from 2019": {},
    "drive under 0": {},
    # intent
    "how to clean keyboard": {"intent": "video"},
    "logitech mouse review": {"intent": "video"},
    "iphone unboxing": {"intent": "video"},
    "samsung galaxy vs iphone": {"intent": "video"},
    "laptop live now": {"intent": "live"},
    "speaker live stream": {"intent": "live"},
    "mika singh": {"intent": "video", "spans": {("person", "mika singh")}},
    "video card": {"intent": None},
    "camera live view": {"intent": None},
    # all at once
    "wirless mouse without cable under 20 euro": {
        "text": "wireless mouse",
        "excluded": ("cable",),
        "price": (None, 20, "EUR", None),
        "corrections": (("wirless", "wireless"),),
        "spans": {("attribute", "wireless")},
    },
}  # fmt: skip


def cleaned(q: str) -> str:
    return " ".join(q.split())


@pytest.mark.parametrize("q", GOLDEN)
def test_what_a_query_becomes(q: str) -> None:
    expected, seen = GOLDEN[q], understand(q)
    spans = {(span.type, span.value if span.type == "compatible" else span.text) for span in seen.spans}
    price = seen.price and (seen.price.gte, seen.price.lte, seen.price.currency, seen.price.wish)
    assert seen.text == expected.get("text", cleaned(q))
    assert seen.excluded == expected.get("excluded", ())
    assert price == expected.get("price")
    assert expected.get("spans", set()) <= spans
    assert not expected.get("not_spans", set()) & spans
    for name in ("corrections", "variants"):
        if name in expected:
            assert getattr(seen, name) == expected[name]
    if "intent" in expected:
        likely = max(("video", "live"), key=lambda kind: seen.intent[kind])
        assert (likely if seen.intent[likely] > 0.25 else None) == expected["intent"]


@pytest.mark.parametrize("q", GOLDEN)
def test_what_was_understood_stays_as_it_is(q: str) -> None:
    text = understand(q).text
    assert understand(text).text == text


def test_the_table_is_large_enough() -> None:
    assert len(GOLDEN) >= 80


def test_every_step_reports_what_it_did_in_order() -> None:
    seen = understand("wirless mouse without cable under 20 euro")
    assert tuple(step.name for step in seen.steps) == NAMES
    changed = {step.name: (step.before, step.after) for step in seen.steps if step.before != step.after}
    assert changed["spelling"][1] == "wireless mouse without cable under 20 euro"
    assert changed["price"][1] == "wireless mouse without cable"
    assert changed["negation"][1] == "wireless mouse"
    assert all(0 <= step.certainty <= 1 for step in seen.steps)
    assert [span.type for step in seen.steps if step.name == "price" for span in step.found] == ["price"]


@pytest.mark.parametrize(
    ("name", "q", "text"),
    [
        ("normalise", "WIRELESS mouse,", "WIRELESS mouse,"),
        ("spelling", "wirless mouse", "wirless mouse"),
        ("price", "mouse under 20 euro", "mouse under 20 euro"),
        ("negation", "mouse without cable", "mouse without cable"),
        ("compounds", "head set", "head set"),
    ],
)
def test_a_step_that_is_switched_off_leaves_the_text(name: str, q: str, text: str) -> None:
    on, off = CHAIN.understand(q), CHAIN.understand(q, without=frozenset({name}))
    assert on.text != text
    assert off.text == text
    assert name not in [step.name for step in off.steps]


@pytest.mark.parametrize(
    ("name", "q", "attribute"),
    [
        ("recognise", "samsung case for dell", "spans"),
        ("category", "headphones", "categories"),
        ("intent", "headphones", "intent"),
    ],
)
def test_a_step_that_is_switched_off_finds_nothing(name: str, q: str, attribute: str) -> None:
    assert getattr(CHAIN.understand(q), attribute)
    assert not getattr(CHAIN.understand(q, without=frozenset({name})), attribute)


def test_with_all_steps_off_only_the_cleaning_of_read_words_is_left() -> None:
    seen = CHAIN.understand(" Wirless\u200b  MOUSE under 20 ", without=frozenset(NAMES))
    assert (seen.text, seen.steps) == ("Wirless MOUSE under 20", ())


def test_a_category_is_that_of_the_thing_not_of_what_it_is_for() -> None:
    assert understand("case for iphone 12").categories[0][0] == "Bags > Cases"
    assert [step.note for step in understand("headphones").steps if step.name == "category"] == [
        "nearly certain: Audio > Headphones"
    ]


def test_the_synonym_rules_that_are_touched_are_reported() -> None:
    note = next(step.note for step in understand("cheap laptops").steps if step.name == "synonyms")
    assert note == "laptop, notebook"
    assert next(step.note for step in understand("mouse").steps if step.name == "synonyms") == ""


def test_informativeness_is_the_share_of_idf() -> None:
    seen = understand("usb shirt")
    assert sum(seen.informativeness.values()) == pytest.approx(1)
    assert seen.informativeness["shirt"] > seen.informativeness["usb"] > 0
    assert set(BARE.understand("usb shirt").informativeness.values()) == {0.5}


def test_without_a_lexicon_the_words_and_prices_are_still_read() -> None:
    seen = BARE.understand("WIRLESS 17'' laptop without dvd under 500 for iphone 12")
    assert (seen.text, seen.excluded, seen.price and seen.price.lte) == (
        "wirless 17 inch laptop for iphone 12",
        ("dvd",),
        500,
    )
    assert (seen.version, seen.corrections, seen.categories) == (None, (), ())
    assert seen.variants == ("wirless 43.2 cm laptop for iphone 12",)


@pytest.mark.parametrize(
    ("q", "text", "excluded", "lte", "wish"),
    [
        ("laptop ohne dvd", "laptop", ("dvd",), None, None),
        ("laptop unter 500 euro", "laptop", (), 500, None),
        ("günstiger laptop", "laptop", (), None, "cheap"),
        ("laptop bis zu 1.000 €", "laptop", (), 1000, None),
    ],
)
def test_german_words(q: str, text: str, excluded: tuple[str, ...], lte: float | None, wish: str | None) -> None:
    seen = GERMAN.understand(q)
    assert (seen.text, seen.excluded) == (text, excluded)
    assert (seen.price.lte if seen.price else None, seen.price.wish if seen.price else None) == (lte, wish)


def test_a_language_without_a_word_list_does_no_harm() -> None:
    assert Understander(LEXICON, RULES, ("pl",)).understand("laptop under 500").text == "laptop under 500"


# Hostile input ---------------------------------------------------------------------------------------------------

HOSTILE = [
    "",
    " ",
    "\x00\x01",
    "😀" * 512,
    "\u202eabc\u202d" * 60,
    "\u200b" * 512,
    "(((((.*+?^${}()|[]\\" * 25,
    "AND OR NOT",
    "NOT NOT NOT -",
    "- -- --- -a- --a",
    "under under under 5 under",
    "1" * 512,
    "1,1," * 128,
    "9" * 100 + " gb",
    "0.0.0.0 gb",
    "a " * 256,
    "without " * 64,
    "for for for for",
    '"' * 512,
    "ﷺ" * 128,
    "İ" * 512,
    "مرحبا بالعالم " * 20,
    "<script>alert(1)</script>",
    "20-50-100-200 € - 30 €",
    "€€€ $$$ £",
    "between and between 1 and",
]
LANGUAGES = ("en", "de")
BOTH = Understander(LEXICON, RULES, LANGUAGES)


def check(seen: Understanding) -> None:
    """What holds for every query."""
    assert len(seen.text) <= 2 * MAX_QUERY
    assert all(len(variant) <= 2 * MAX_QUERY for variant in seen.variants)
    assert len(seen.variants) <= RULES.compounds.max_variants
    assert seen.text == " ".join(seen.text.split())
    assert sum(seen.intent.values()) == pytest.approx(1)
    assert all(0 <= span.certainty <= 1 for span in seen.spans)
    assert all(0 <= step.certainty <= 1 for step in seen.steps)
    if seen.price and seen.price.gte and seen.price.lte:
        assert seen.price.gte <= seen.price.lte
    assert seen.as_json()["text"] == seen.text


@pytest.mark.parametrize("q", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_understood_somehow(q: str) -> None:
    for chain in (CHAIN, BARE, BOTH):
        check(chain.understand(q))


PIECES = st.sampled_from(sorted({word for q in GOLDEN for word in q.split()}))


@example("0\x83{L")
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=512), st.lists(PIECES, max_size=14).map(" ".join)))
def test_any_text_is_understood_and_the_result_again_changes_little(q: str) -> None:
    seen = CHAIN.understand(q)
    check(seen)
    # What normalising, prices and negations leave is clean. (Corrected words may make a new pair to join.)
    clean = CHAIN.understand(q, without=frozenset({"compounds", "spelling", "price", "negation"})).text
    assert CHAIN.understand(clean, without=frozenset({"compounds", "spelling", "price", "negation"})).text == clean


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=10).map(" ".join))
def test_no_word_of_the_catalogue_is_ever_corrected(q: str) -> None:
    for typed, _meant in CHAIN.understand(q, without=frozenset({"compounds"})).corrections:
        assert LEXICON.count(typed) == 0
        assert not LEXICON.protected(typed)

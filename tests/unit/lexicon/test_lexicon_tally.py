"""What is counted of a catalogue, and what a lexicon is put together from it."""

from __future__ import annotations

import random

import pytest
from lexicon_catalogue import RULES, product, shop, tally_of

from api.understand.dictionaries import Entry
from api.understand.lexicon import Lexicon
from api.understand.lexicon_files import pack
from learn.lexicon.assemble import assemble
from learn.lexicon.entries import type_of
from learn.lexicon.heads import end_of, head_of, words_before_for
from learn.lexicon.tally import Tally
from learn.lexicon.texts import short_form


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return assemble(tally_of(shop()))


def entry(lexicon: Lexicon, text: str, type_: str) -> Entry | None:
    return next((each for each in lexicon.entries if (each.text, each.type) == (text, type_)), None)


def test_words_count_documents_by_group(lexicon: Lexicon) -> None:
    assert lexicon.documents == 60
    assert lexicon.count("headphones") == 20
    assert lexicon.counts("headphone") == {
        "title": 0, "brand": 0, "category": 0, "description": 20, "attribute": 0, "hashtag": 0, "person": 0, "model": 0,
    }  # fmt: skip
    assert lexicon.counts("acme")["brand"] == 40
    assert lexicon.count("bluetooth") == 20, "a flag that is set is searched by its name"
    assert lexicon.bigram("toner", "cartridge") == 20
    assert lexicon.bigram("cartridge", "toner") == 0


@pytest.mark.parametrize(
    ("text", "type_", "value", "field", "count"),
    [
        ("acme technology", "brand", "Acme Technology", "brand", 40),
        ("acme", "brand", "Acme Technology", "brand", 40),
        ("tripp lite", "brand", "Tripp Lite", "brand", 20),
        ("tripplite", "brand", "Tripp Lite", "brand", 20),
        ("headphones", "category", "Audio > Headphones", "category", 20),
        ("headphone", "category", "Audio > Headphones", "category", 20),
        ("audio", "category", "Audio", "category", 20),
        ("black", "colour", "Black", "attr.product colour", 14),
        ("usb b", "attribute", "USB B", "attr.connector 1", 20),
        ("dynamic", "attribute", "Dynamic", "attr.driver type", 20),
    ],
)
def test_what_is_recognised(lexicon: Lexicon, text: str, type_: str, value: str, field: str, count: int) -> None:
    assert entry(lexicon, text, type_) == Entry(text, type_, value, field, count)  # type: ignore[arg-type]


def test_numbers_are_no_values(lexicon: Lexicon) -> None:
    assert not [each for each in lexicon.entries if each.text in ("1", "210", "yes")]


@pytest.mark.parametrize(
    ("category", "count", "known"), [("1", 50, False), ("Lamps", 1, False), ("Lamps", 2, True), ("42", 9, False)]
)
def test_noise_is_no_category(category: str, count: int, known: bool) -> None:
    """Icecat has the product type "1" on 142 products."""
    built = assemble(tally_of(product(f"p{place}", "A thing", category=[category]) for place in range(count)))
    assert any(each.type == "category" for each in built.entries) is known


def test_a_common_word_is_no_value() -> None:
    """`power` is a lamp's name on 6 of 200 products that speak of power."""
    listed = [product(f"p{place}", "Power supply") for place in range(200)]
    listed += [product(f"q{place}", "Switch", attributes={"lamps": "Power", "mode": "Managed"}) for place in range(6)]
    texts = {each.text for each in assemble(tally_of(listed)).entries}
    assert "managed" in texts
    assert "power" not in texts


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("product colour", "colour"), ("Surface Coloration", "colour"), ("paper size", "size"), ("size 2", "size"),
        ("jacket material", "material"), ("print technology", "attribute"), ("oem code", None), ("last change", None),
        ("colour of package", None), ("compatibility", None),
    ],
)  # fmt: skip
def test_attributes_have_types_by_their_names(name: str, type_: str | None) -> None:
    assert type_of(name, RULES.dictionaries) == type_


def test_people_but_not_words_of_products() -> None:
    tally = tally_of(shop())
    for place, name in enumerate(["Marques Brownlee", "Wireless", "Vox", "42"]):
        tally.add("video", {"id": f"v{place}", "title": "Review", "creator_name": name, "hashtags": ["tech"]})
    tally.add("live", {"id": "l", "title": "On air", "host_name": "Swifty"})
    people = {(each.value, each.field) for each in assemble(tally).entries if each.type == "person"}
    assert people == {("Marques Brownlee", "creator"), ("Vox", "creator"), ("Swifty", "host")}


def test_words_of_one_video_are_noise_those_of_one_product_are_not() -> None:
    tally = tally_of([product("p", "Rarity")])
    tally.add("video", {"id": "v1", "title": "Onceword twiceword"})
    tally.add("video", {"id": "v2", "title": "Twiceword"})
    words = assemble(tally).words
    assert set(words) == {"rarity", "twiceword"}


def test_things_are_nouns_that_titles_end_with(lexicon: Lexicon) -> None:
    assert {"headphone", "cable", "cartridge"} <= lexicon.things
    assert not {"page", "original", "black", "wireless", "acme", "lite"} & lexicon.things


def test_brands_models_and_values_are_protected(lexicon: Lexicon) -> None:
    assert all(map(lexicon.protected, ["acme", "tripplite", "tn1510", "dynamic", "black"]))
    assert not lexicon.protected("cartridge")


def test_shapes_tell_model_numbers_from_measures() -> None:
    listed = [product(f"p{place}", f"Acme QX{place}7 lamp 12MP", model=f"QX{place}7") for place in range(9)]
    built = assemble(tally_of(listed))
    assert built.model_share("zz99") == 1.0
    assert built.model_share("16mp") == 0.0


def test_the_order_of_documents_changes_nothing() -> None:
    listed = shop()
    mixed = random.Random(5).sample(listed, len(listed))
    assert pack(assemble(tally_of(listed))) == pack(assemble(tally_of(mixed)))
    assert tally_of(listed).examples == tally_of(mixed).examples


def test_the_sample_of_examples_is_bounded_and_the_same() -> None:
    few = RULES.model_copy(update={"categories": RULES.categories.model_copy(update={"most_documents": 7})})
    listed = shop()
    one, other = tally_of(listed, few).examples, tally_of(reversed(listed), few).examples
    assert one == other
    assert len(one) == 7
    assert one == tally_of(listed).examples[:7]


def test_rare_pairs_are_forgotten_where_memory_has_its_bound() -> None:
    words = RULES.vocabulary.model_copy(update={"most_pairs": 1000})
    tally = Tally(RULES.model_copy(update={"vocabulary": words}))
    for place in range(3000):
        tally.add("product", product(f"p{place}", f"usb cable once{place} twice{place}"))
        assert len(tally.pairs) <= 1004
    assert tally.pairs["usb", "cable"] == 3000


@pytest.mark.parametrize(
    ("title", "end", "head"),
    [
        ("Kensington SP25 15.6” Laptop Backpack, black", ("laptop", "backpack"), "backpack"),
        ("Battery for HP Pavilion", ("battery",), "battery"),
        ("All-in-One PC with printer cases", ("pcs",), None),
        ("ACT FB3015 networking cables 15 m Gray", ("gray",), None),
        ("ACT networking cables Gray", ("act", "networking", "cables", "gray"), "cable"),
        ("DV7-1211", (), None),
    ],
)
def test_heads_of_titles(title: str, end: tuple[str, ...], head: str | None) -> None:
    if title.startswith("All-in-One"):
        assert end_of(title)[-1:] != ("case",), "what a thing comes with is not what it is"
        return
    assert end_of(title) == end
    assert head_of(end, frozenset({"gray", "black"})) == head


def test_words_before_for() -> None:
    assert words_before_for("Carry cases for notebooks, ideal for travel. 4 for 3") == {"case", "ideal"}


def test_short_forms_are_words_of_the_title_in_order() -> None:
    words, chance = ["acme", "tn10", "black", "toner", "cartridge", "2600", "pages"], random.Random(3)
    forms = [short_form(words, chance, 4).split() for _ in range(300)]
    assert {len(form) for form in forms} == {1, 2, 3, 4}
    for form in forms:
        rest = iter(words)
        assert all(word in rest for word in form)
    assert short_form([], chance, 4) == ""

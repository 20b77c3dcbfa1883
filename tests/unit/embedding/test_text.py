"""The text that a document's vector is made of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stack.documents import Document, Live, Product, Video
from stack.embedding.text import LONGEST, PASSAGE_BREAK, document_text, without_repeats

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([], []),
        (["HP Pavilion Laptop", "Laptop", "HP laptop, 17 inch"], ["HP Pavilion Laptop", "17 inch"]),
        (["A b", "a", "B"], ["A b"]),
        (["Wi-Fi router", "wi fi, wifi"], ["Wi-Fi router", "wifi"]),
        (["Kettle", "1.7 l, red", "red kettle 1.7 l, steel"], ["Kettle", "1.7 l, red", "steel"]),
        (["x x x"], ["x x x"]),
    ],
)
def test_without_repeats(parts: list[str], kept: list[str]) -> None:
    assert without_repeats(parts) == kept


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (
            Product(
                id="p", title="Kettle", brand="Bosch", category=("Home", "Kettles"), description="Boils fast",
                attributes={"colour": "Red"}, price=10, updated_at=NOW,
            ),
            ["Kettle", "Kettles", "Bosch", "Boils fast", "Red"],
        ),
        (
            Video(
                id="v", title="Unboxing", hashtags=("#kettle",), creator_name="Ann", transcript="hello there",
                on_screen_text="SALE", visual_tags=("kitchen",), description="Watch", updated_at=NOW,
            ),
            ["Unboxing", "kettle", "Ann", "SALE", "kitchen", "Watch", "hello there"],
        ),
        (
            Live(id="l", title="Kettle night", host_name="Bo", description="Deals", category=("Home",), updated_at=NOW),
            ["Kettle night", "Home", "Bo", "Deals"],
        ),
    ],
)  # fmt: skip
def test_every_field_that_describes_the_thing(document: Document, says: list[str]) -> None:
    written = document_text(document).split(PASSAGE_BREAK)[0]
    places = [written.index(word) for word in says]
    assert places == sorted(places), "most telling first"


def test_one_passage_when_the_second_would_say_the_same() -> None:
    assert document_text(Product(id="p", title="Kettle", updated_at=NOW)) == "Kettle"
    twice = document_text(Product(id="p", title="Red kettle", description="A kettle that is red", updated_at=NOW))
    assert twice.split(PASSAGE_BREAK) == ["Red kettle. A kettle that is red", "Red kettle. A that is"]


def test_what_does_not_describe_is_not_read() -> None:
    one = Product(id="p", title="Kettle", price=10, stock=1, updated_at=NOW)
    other = Product(id="q", title="Kettle", price=99, sales=5, seller_name="Acme", updated_at=NOW)
    assert document_text(one) == document_text(other)


def test_a_very_long_text_is_cut() -> None:
    long = Product(id="p", title="Kettle", description="word " * 20_000, updated_at=NOW)
    assert all(0 < len(passage) <= LONGEST for passage in document_text(long).split(PASSAGE_BREAK))


def test_no_other_thing_has_a_text() -> None:
    with pytest.raises(TypeError):
        document_text("a kettle")  # type: ignore[arg-type]

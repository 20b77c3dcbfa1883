"""Documents as the index holds them: derived fields, versions, hashes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from stack.documents import (
    Live,
    Product,
    ProductLink,
    Video,
    attribute_text,
    attribute_values,
    index_body,
    version_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAPTOP = Product(
    id="p1",
    title="HP Pavilion dv7-1211ea 17.3in laptop, 256GB",
    brand="HP",
    model="DV7-1211EA",
    gtin=("0884420540137",),
    category=("Computers", "Laptops"),
    attributes={"colour": ("Red", "Blue"), "weight kg": 2.5, "touch": False, "backlit": True, "os": "Linux"},
    price=0.0,
    stock=0,
    updated_at=NOW,
)


def test_what_is_derived_for_the_index() -> None:
    body = index_body(LAPTOP)
    assert body["kind"] == "product"
    assert body["category_path"] == ["Computers", "Computers > Laptops"]
    assert body["model_keys"] == ["dv71211ea", "0884420540137"], "once, and not the measures of the title"
    assert body["in_stock"] is False
    assert body["attribute_values"] == [
        *("colour=Red", "colour=Blue"),
        *("weight kg=2.5", "touch=no", "backlit=yes", "os=Linux"),
    ]
    assert body["attribute_text"] == "colour Red, Blue; weight kg 2.5; backlit; os Linux"


def test_zero_is_a_value_and_missing_is_left_out() -> None:
    body = index_body(LAPTOP)
    assert body["price"] == 0
    assert body["stock"] == 0
    assert {"rating", "description", "images", "popularity", "sales"}.isdisjoint(body)
    assert "in_stock" not in index_body(LAPTOP.model_copy(update={"stock": None}))


@pytest.mark.parametrize(
    ("document", "known", "most"),
    [
        (Product, "sales", 100_000),
        (Product, "rating_count", 10_000),
        (Video, "views", 100_000_000),
        (Live, "viewers", 1_000_000),
        (Live, "followers", 100_000_000),
    ],
)
def test_popularity_runs_from_0_to_1(document: Any, known: str, most: int) -> None:
    values = [
        document(id="a", title="A", updated_at=NOW, **{known: count}).popularity() for count in (0, 1, most, 9 * most)
    ]
    assert values[0] == 0
    assert 0 < values[1] < 0.2
    assert values[2:] == [1, 1]
    assert document(id="a", title="A", updated_at=NOW).popularity() is None


def test_the_better_known_sign_of_popularity_counts() -> None:
    sold = Product(id="a", title="A", updated_at=NOW, sales=0, rating_count=10_000)
    assert sold.popularity() == 0
    on = Live(id="a", title="A", updated_at=NOW, viewers=0, followers=100_000_000)
    assert on.popularity() == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (17.0, "17"),
        (17.3, "17.3"),
        (0.1 + 0.2, "0.3"),
        (1_234_567.0, "1234567"),
        (True, "yes"),
        (False, "no"),
        ("17", "17"),
        (("a", "b"), "a"),
    ],
)
def test_attribute_values_as_text(value: Any, text: str) -> None:
    assert attribute_values({"n": value})[0] == f"n={text}"


def test_a_flag_that_is_false_says_nothing_to_search() -> None:
    assert attribute_text({"touch": False, "backlit": True}) == "backlit"
    assert attribute_text({}) == ""


def test_the_version_is_the_time_in_milliseconds() -> None:
    at = datetime(2026, 1, 1, 0, 0, 0, 123_000, UTC)
    assert version_of(LAPTOP.model_copy(update={"updated_at": at})) == 1_767_225_600_123
    assert version_of(LAPTOP.model_copy(update={"updated_at": datetime(1960, 1, 1, tzinfo=UTC)})) == 1


def test_the_content_hash_sees_everything_but_the_time() -> None:
    later = LAPTOP.model_copy(update={"updated_at": NOW + timedelta(days=1)})
    assert index_body(later)["content_hash"] == index_body(LAPTOP)["content_hash"]
    for change in ({"price": 1.0}, {"title": "Other"}, {"stock": None}, {"attributes": {}}, {"gtin": ()}):
        assert index_body(LAPTOP.model_copy(update=change))["content_hash"] != index_body(LAPTOP)["content_hash"]
    assert index_body(later)["content_hash"] == index_body(LAPTOP)["content_hash"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "a/b"},
        {"id": "a b"},
        {"title": ""},
        {"price": -1},
        {"price": float("nan")},
        {"currency": "Euro"},
        {"rating": 5.1},
        {"stock": -1},
        {"images": ["javascript:alert(1)"]},
        {"category": ["x"] * 9},
        {"language": "english"},
        {"updated_at": datetime(2026, 1, 1)},
        {"unknown": 1},
    ],
)
def test_what_is_no_product(wrong: dict[str, Any]) -> None:
    good = {"id": "a", "title": "A", "updated_at": NOW}
    Product(**good)
    with pytest.raises(ValidationError):
        Product(**good | wrong)


def test_links_of_a_video_are_stored_as_they_are() -> None:
    video = Video(
        id="v",
        title="V",
        updated_at=NOW,
        hashtags=("#diy",),
        products=(ProductLink(id="p", confidence=0.5, from_s=1.0),),
    )
    assert index_body(video)["products"] == [{"id": "p", "confidence": 0.5, "from_s": 1.0}]
    assert index_body(video)["hashtags"] == ["#diy"]

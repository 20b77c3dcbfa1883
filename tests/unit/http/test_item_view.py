"""What the pages of one item show: variants, moments, the bag of a room, and pictures that may be loaded."""

from __future__ import annotations

from typing import Any

import pytest

from api.http import item_view as view
from api.http.measures import unit_of
from api.http.page_cards import Shown

SHOWN = Shown()


def product(id: str, **fields: Any) -> dict[str, Any]:
    return {"id": id, "title": f"Product {id}"} | fields


def sizes(*amounts: float) -> list[dict[str, Any]]:
    return [
        product(f"p{amount:g}", attributes={"content ml": amount, "scent": "rose"}, in_stock=amount != 50)
        for amount in amounts
    ]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("content ml", ("content", "ml")),
        ("screen size in", ("screen size", "in")),
        ("year", ("year", "")),
        ("skin type", ("skin type", "")),
        ("ml", ("ml", "")),
    ],
)
def test_a_unit_is_taken_from_the_name(name: str, parts: tuple[str, str]) -> None:
    assert unit_of(name) == parts


def test_variants_are_named_by_what_differs_in_the_order_of_their_size() -> None:
    listings = sizes(100, 15, 50)
    found = view.variants(listings[0], view.as_hits("product", listings), SHOWN)
    assert [(one.label, one.current, one.gone) for one in found] == [
        ("15 ml", False, False),
        ("50 ml", False, True),
        ("100 ml", True, False),
    ]


def test_one_listing_alone_has_no_variants() -> None:
    (alone,) = sizes(15)
    assert view.variants(alone, view.as_hits("product", [alone]), SHOWN) == []


def test_details_have_their_unit_behind_the_number() -> None:
    document = product("p1", attributes={"content ml": 30, "vegan": True, "scent": "rose", "colours": ["red", "blue"]})
    assert view.details(document) == [
        ("content", 30, "ml"),
        ("vegan", True, ""),
        ("scent", "rose", ""),
        ("colours", ["red", "blue"], ""),
    ]


def test_moments_come_in_the_order_of_the_video_and_without_what_is_gone() -> None:
    links = [
        {"id": "late", "from_s": 9.5},
        {"id": "gone", "from_s": 1.0},
        {"id": "any"},
        {"id": "early", "from_s": 0.0},
    ]
    products = {id: product(id) for id in ("late", "any", "early")}
    found = view.moments({"id": "v1", "products": links, "media": "/media/v1.mp4"}, products, SHOWN)
    assert [(one.card.hit.id, one.from_s, one.jump) for one in found] == [
        ("early", 0.0, "/media/v1.mp4#t=0"),
        ("late", 9.5, "/media/v1.mp4#t=9.5"),
        ("any", None, None),
    ]


@pytest.mark.parametrize("media", [None, "https://elsewhere.example/clip.mp4", "javascript:alert(1)", "/v1/items", 7])
def test_a_clip_that_is_no_file_of_ours_is_not_played(media: object) -> None:
    video = {"id": "v1", "media": media, "captions": media, "products": [{"id": "p1", "from_s": 2.0}]}
    assert view.playable(video) is None
    assert view.captions(video) is None
    assert view.moments(video, {"p1": product("p1")}, SHOWN)[0].jump is None


@pytest.mark.parametrize(
    ("status", "now", "on_show", "rest"),
    [
        ("live", "b", "b", ["a", "c"]),
        ("live", "gone", None, ["a", "b", "c"]),
        ("live", None, None, ["a", "b", "c"]),
        ("ended", "b", None, ["b", "a", "c"]),
    ],
)
def test_only_a_room_on_air_shows_something_now(
    status: str, now: str | None, on_show: str | None, rest: list[str]
) -> None:
    room = {"id": "l1", "status": status, "product_now": now, "products": ["a", "b", "c", "gone"]}
    shown, others = view.bag(room, {id: product(id) for id in "abc"}, SHOWN)
    assert (shown and shown.hit.id) == on_show
    assert [card.hit.id for card in others] == rest


def test_pictures_elsewhere_are_loaded_only_from_hosts_that_may() -> None:
    images = ["/media/a.webp", "https://img.example.com/b.jpg", "http://10.0.0.7/c.jpg", "/media/a.webp"]
    assert view.pictures({"images": images}, ()) == ["/media/a.webp"]
    assert view.pictures({"images": images}, ["img.example.com"]) == images[:2]


def test_somebody_without_a_profile_has_a_name_but_no_page() -> None:
    known = view.face("seller", "s1", "Visser", {"id": "s1", "title": "Visser Beauty"}, SHOWN)
    assert known is not None
    assert (known.name, known.href) == ("Visser Beauty", "/sellers/s1")
    unknown = view.face("seller", "s1", "Visser", None, SHOWN)
    assert unknown is not None
    assert (unknown.name, unknown.href) == ("Visser", None)
    assert view.face("seller", None, None, None, SHOWN) is None

from __future__ import annotations

from typing import Any

import pytest

from api.http.artwork import icon_of, may_show, picture_of, tone_of
from api.http.formats import Formats
from api.http.i18n import english, load_languages


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("money", (1299.9, "EUR"), "€1,299.90"),
        ("money", (980.0, "JPY"), "¥980"),
        ("money", (12.0, "CHF"), "CHF12.00"),
        ("money", (0.0, None), "0.00"),
        ("compact", (0,), "0"),
        ("compact", (999,), "999"),
        ("compact", (1000,), "1K"),
        ("compact", (1234,), "1.2K"),
        ("compact", (9960,), "10K"),
        ("compact", (45_100,), "45K"),
        ("compact", (999_950,), "1M"),
        ("compact", (1_200_000,), "1.2M"),
        ("compact", (3_000_000_000,), "3B"),
        ("duration", (5,), "0:05"),
        ("duration", (65,), "1:05"),
        ("duration", (59.7,), "1:00"),
        ("duration", (3725,), "1:02:05"),
        ("moment", ("2025-11-22T19:00:00+01:00",), "Sat 22 Nov, 18:00 UTC"),
        ("moment", ("2025-11-02T08:05:00Z",), "Sun 2 Nov, 08:05 UTC"),
        ("day", ("2025-03-01T12:00:00+00:00",), "1 Mar 2025"),
        ("half_stars", (4.3,), 9),
        ("half_stars", (5,), 10),
        ("stock", (0,), "Out of stock"),
        ("stock", (3,), "Only 3 left"),
        ("stock", (6,), "In stock"),
        ("number", (12345,), "12,345"),
        ("decimal", (4,), "4.0"),
        ("percent", (32,), "32%"),
        ("value", ("language", "de"), "German"),
        ("value", ("status", "live"), "Live"),
        ("value", ("category", "Electronics > Audio"), "Electronics › Audio"),
        ("between", ("10", "50"), "10 – 50"),
        ("between", (None, None), ""),
        ("discount", (12.9, 18.99), 32),
        ("discount", (20.0, 10.0), 0),
        ("milliseconds", (3.217,), "3.2 ms"),
    ],
)
def test_people_read(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    formats = Formats(english())
    assert (formats.filters().get(name) or getattr(formats, name))(*arguments) == expected


def test_arabic_has_its_own_numbers_dates_and_plurals() -> None:
    formats = Formats(load_languages()["ar"])
    assert formats.money(1299.9, "EUR").endswith("€")
    assert "ألف" in formats.compact(45_100)
    assert "نوفمبر" in formats.moment("2025-11-22T19:00:00+01:00")
    assert len({formats.stock(pieces) for pieces in (0, 1, 2, 3, 6)}) == 5


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/media/p-1.webp", True),
        ("/media/posters/v-1.webp", True),
        ("https://img.example.com/a.jpg", True),
        ("https://IMG.example.com/a.jpg", True),
        ("/media/../secret", False),
        ("/media/.hidden", False),
        ("/media/a.webp?x=1", False),
        ("//evil.example/media/a.webp", False),
        ("/media//evil.example/a.webp", False),
        ("http://img.example.com/a.jpg", False),
        ("https://img.example.com:8443/a.jpg", False),
        ("https://img.example.com@169.254.169.254/latest", False),
        ("https://evil.example\\@img.example.com/a.jpg", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://localhost:9200/_cat", False),
        ("https://[::1/a.jpg", False),
        ("javascript:alert(1)", False),
        ("data:image/svg+xml,<svg/>", False),
    ],
)
def test_only_pictures_of_ours_and_of_allowed_hosts_are_shown(url: str, shown: bool) -> None:
    hosts = frozenset({"img.example.com"})
    assert may_show(url, hosts) is shown
    assert picture_of({"images": [url]}, hosts) == (url if shown else None)
    assert picture_of({"poster": url}, hosts) == (url if shown else None)


def test_an_item_without_pictures_has_none() -> None:
    assert picture_of({}, ()) is None
    assert picture_of({"images": [], "poster": None}, ()) is None


@pytest.mark.parametrize(
    ("document", "icon"),
    [
        ({"category": ["Electronics", "Audio", "Headphones"], "title": "QC"}, "headphones"),
        ({"category": ["Electronics", "Mice"], "title": "Keyboard and mouse"}, "mouse"),
        ({"title": "Trail running shoes"}, "shoe"),
        ({"title": "Notebook 15"}, "laptop"),
        ({"title": "Caterpillar"}, "box"),
        ({}, "box"),
    ],
)
def test_the_drawing_fits_the_item(document: dict[str, Any], icon: str) -> None:
    assert icon_of(document) == icon
    assert tone_of(document) in range(8)

from __future__ import annotations

from typing import Any

import pytest

from api.http import formats
from api.http.artwork import icon_of, tone_of


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("money", (1299.9, "EUR"), "€1,299.90"),
        ("money", (980.0, "JPY"), "¥980"),
        ("money", (12.0, "CHF"), "CHF 12.00"),
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
        ("discount", (12.9, 18.99), 32),
        ("discount", (20.0, 10.0), 0),
        ("milliseconds", (3.217,), "3.2 ms"),
    ],
)
def test_people_read(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert formats.FILTERS[name](*arguments) == expected


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

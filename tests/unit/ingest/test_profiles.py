"""Sellers and creators take the same road as what they sell and make."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.record import Item, Record, Refusal
from ingest.validate import Validator
from stack.documents import ProfileKind

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def check(kind: ProfileKind, data: dict[str, Any]) -> Any:
    return Validator(kind, NOW).check(Record(1, 1, data), data, "file", 0, NOW)


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("seller", {"id": "s1", "name": "Cable & Co", "country": "uk"}, {"title": "Cable & Co", "country": "GB"}),
        ("seller", {"seller_id": 7, "title": "Sieben", "name": "ignored"}, {"id": "7", "title": "Sieben"}),
        ("seller", {"id": "s1", "name": "A", "sales": "1,200", "rating": "4.5"}, {"sales": 1200, "rating": 4.5}),
        ("creator", {"host_id": "h", "host_name": "Ana", "avatar": "/media/a.webp"}, {"picture": "/media/a.webp"}),
        ("creator", {"id": "c", "name": "<b>Bo</b>", "followers": 3.0}, {"title": "Bo", "followers": 3}),
    ],
)
def test_a_profile_by_any_of_its_names(kind: ProfileKind, data: dict[str, Any], expected: dict[str, Any]) -> None:
    item = check(kind, data)
    assert isinstance(item, Item)
    assert {name: getattr(item.document, name) for name in expected} == expected
    assert item.body["kind"] == kind


def test_a_profile_without_a_name_is_refused_by_field() -> None:
    refusal = check("seller", {"id": "s", "country": "Atlantis", "picture": "http://10.0.0.1/a"})
    assert isinstance(refusal, Refusal)
    assert {mistake.where for mistake in refusal.mistakes} == {"title", "country", "picture"}

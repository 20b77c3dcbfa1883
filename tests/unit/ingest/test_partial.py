"""Partial records: what they may say, and what becomes of them beside document and signal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.record import Change, Record, Refusal
from ingest.update.merge import apply_change, judge_fast, with_change
from ingest.update.partial import PartialValidator
from stack.documents import DocumentKind, Product
from stack.signals import millis

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = "2026-05-0{}T00:00:00Z"
SOURCE = {"id": "a", "title": "Lamp", "price": 10.0, "stock": 5, "attributes": {"colour": "red"}}


def check(data: dict[str, Any], kind: DocumentKind = "product", nulls: bool = True) -> Change | Refusal:
    validator = PartialValidator(kind, NOW)
    validator.nulls = nulls
    done = validator.check(Record(1, 1, data), data, "file", 0, NOW)
    assert isinstance(done, Change | Refusal)
    return done


def change(day: int = 2, stand_in: bool = False, **fields: Any) -> Change:
    at = datetime.fromisoformat(DAY.format(day))
    return Change("a", fields, at, millis(at), stand_in, Record(1, 1, {}), "file", (0, 1))


def stored(day: int = 1, **fields: Any) -> dict[str, Any]:
    return {"_version": millis(DAY.format(day)), "_source": SOURCE | {"updated_at": DAY.format(day)} | fields}


def signal(day: int, **fields: Any) -> dict[str, Any]:
    return fields | {"times": dict.fromkeys(fields, millis(DAY.format(day)))}


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"id": "a", "price": "9,50 €"}, {"price": 9.5, "currency": "EUR"}),
        ({"id": 7, "stock": "0"}, {"stock": 0}),
        ({"id": "a", "list_price": None, "price": 1}, {"list_price": None, "price": 1.0}),
        ({"id": "a", "title": " <b>New</b> lamp"}, {"title": "New lamp"}),
        ({"id": "a", "attributes": {"Colour": "Blue"}}, {"attributes": {"colour": "Blue"}}),
    ],
)
def test_a_change_has_the_clean_fields_that_were_sent(data: dict[str, Any], fields: dict[str, Any]) -> None:
    made = check(data)
    assert isinstance(made, Change)
    assert (made.id, made.fields, made.stand_in) == (str(data["id"]), fields, True)


@pytest.mark.parametrize(
    ("data", "reasons"),
    [
        ({"id": "a"}, ["record: changes nothing: it has no field but the id"]),
        ({"id": "a", "bogus": 1}, ["record: changes nothing: it has no field but the id"]),
        ({"price": 1}, ["id: is missing"]),
        ({"id": "a", "title": None}, ["title: cannot be taken away"]),
        ({"id": "a", "price": "cheap", "stock": -1}, 2),
        ({"id": "a", "price": 1, "updated_at": "2031-01-01"}, ["updated_at: is in the future"]),
    ],
)
def test_what_is_no_change_is_refused_with_every_reason(data: dict[str, Any], reasons: Any) -> None:
    refusal = check(data)
    assert isinstance(refusal, Refusal)
    assert len(refusal.reasons()) == reasons if isinstance(reasons, int) else refusal.reasons() == reasons


def test_null_in_a_table_says_nothing() -> None:
    made = check({"id": "a", "price": 5, "list_price": None}, nulls=False)
    assert isinstance(made, Change)
    assert made.fields == {"price": 5.0}


@pytest.mark.parametrize(
    ("asked", "known", "said", "verdict"),
    [
        (change(price=9.0), stored(1), None, "write"),
        (change(price=9.0), stored(3), None, "stale"),  # the document is newer
        (change(price=9.0), stored(1), signal(3, price=8.0), "stale"),  # the signal is newer
        (change(price=9.0), stored(1), signal(3, stock=1), "write"),  # of another field
        (change(price=9.0), stored(1), signal(2, price=9.0), "unchanged"),
        (change(price=9.0), stored(1), signal(1, price=9.0), "write"),  # the same, but known for longer now
        (change(price=9.0, stand_in=True), stored(1), signal(1, price=9.0), "unchanged"),
        (change(price=10.0, stand_in=True), stored(1), None, "unchanged"),
        (change(list_price=None, stand_in=True), stored(1), None, "unchanged"),
        (change(stock=None, stand_in=True), stored(1), None, "write"),
    ],
)
def test_the_verdict_on_a_fast_change(
    asked: Change, known: dict[str, Any], said: dict[str, Any] | None, verdict: str
) -> None:
    assert judge_fast("product", asked, known, said) == verdict


def test_a_later_change_of_the_same_batch_sees_the_earlier_one() -> None:
    after = with_change(None, change(3, price=8.0))
    assert judge_fast("product", change(2, price=9.0), stored(1), after) == "stale"
    after = with_change(after, change(2, price=9.0, stock=1))
    assert (after["price"], after["stock"]) == (8.0, 1)


def test_a_slow_change_brings_the_newer_signal_into_the_document() -> None:
    said = signal(2, price=9.0) | {"stock": 0}
    said["times"]["stock"] = millis(DAY.format(4))  # newer than the change: it stays a signal
    old, new = apply_change("product", stored(1)["_source"], said, change(3, rating=4.5, attributes={"size": "M"}))
    assert isinstance(old, Product)
    assert isinstance(new, Product)
    assert (old.price, new.price, new.stock, new.rating) == (10.0, 9.0, 5, 4.5)
    assert new.attributes == {"colour": "red", "size": "M"}
    assert new.updated_at == datetime.fromisoformat(DAY.format(3))
    assert apply_change("product", stored(1)["_source"], None, change(3, stock=None))[1].stock is None  # type: ignore[union-attr]

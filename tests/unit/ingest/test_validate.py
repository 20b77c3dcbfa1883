from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest import validate
from ingest.columns import parse_columns
from ingest.dead_letters import as_line
from ingest.record import Item, Record, Refusal
from ingest.validate import UNKNOWN_KEPT, Validator
from stack.errors import InputError

NOW = datetime(2024, 5, 1, tzinfo=UTC)
MODIFIED = NOW - timedelta(days=3)


def check(data: dict[str, Any], kind: str = "product") -> Item | Refusal:
    return Validator(kind, NOW).check(Record(4, 3, data), data, "shop.jsonl", 0, MODIFIED)  # type: ignore[arg-type]


def test_all_mistakes_of_a_record_are_told_at_once() -> None:
    refusal = check({"id": "a b", "price": "lots", "rating": 9, "stock": "-1", "updated_at": "soon", "images": "x.jpg"})
    assert isinstance(refusal, Refusal)
    assert {mistake.where.split(".")[0] for mistake in refusal.mistakes} == {
        "id", "title", "price", "rating", "stock", "updated_at", "images",
    }  # fmt: skip
    assert (refusal.source, refusal.line) == ("shop.jsonl", 4)
    assert refusal.data is not None


def test_the_file_stands_in_for_a_missing_time() -> None:
    item = check({"id": "a", "title": "A"})
    assert isinstance(item, Item)
    assert item.stand_in
    assert item.document.updated_at == MODIFIED


def test_a_version_from_the_future_is_refused() -> None:
    refusal = check({"id": "a", "title": "A", "updated_at": (NOW + timedelta(days=2)).isoformat()})
    assert isinstance(refusal, Refusal)
    assert refusal.reasons() == ["updated_at: is in the future"]


def test_an_id_that_the_engine_would_not_take_is_refused() -> None:
    refusal = check({"id": "\u65e5" * 200, "title": "A"})
    assert isinstance(refusal, Refusal)
    assert refusal.reasons() == ["id: is longer than 512 bytes"]


def test_a_record_nobody_foresaw_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("odd \ud800 thing")

    monkeypatch.setattr(validate, "normalise", fail)
    refusal = check({"id": "a", "title": "A"})
    assert isinstance(refusal, Refusal)
    assert "KeyError" in refusal.reasons()[0]
    assert "odd" in json.loads(as_line(refusal))["detail"]


def test_names_of_unknown_columns_are_bounded() -> None:
    validator = Validator("product", NOW)
    for number in range(30):
        data = {"id": "a", "title": "A"} | {f"column {number} {place}": 1 for place in range(90)}
        validator.check(Record(1, 1, data), data, "f", 0, MODIFIED)
    assert len(validator.unknown) == UNKNOWN_KEPT


def test_reasons_hold_no_values() -> None:
    first, second = (check({"id": "a", "title": "A", "attributes": {name: {"x": 1}}}) for name in ("one", "two"))
    assert isinstance(first, Refusal)
    assert isinstance(second, Refusal)
    assert first.reasons() == second.reasons() == ["attributes: not a text, number, flag or list"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("video", {"id": "v", "title": "V", "products": '["p1", {"id": "p2", "from_s": 3}]', "duration_s": "12.5"}),
        ("live", {"id": 1, "title": "L", "status": "LIVE", "products": "p1|p2", "heartbeat_at": 1714564800}),
        ("product", {"id": "p", "title": "P", "attributes": {"touch": True, "size": ["S", "M"], "kg": 1.5}}),
    ],
)
def test_good_records_of_each_kind(kind: str, data: dict[str, Any]) -> None:
    item = check(data, kind)
    assert isinstance(item, Item), item
    assert item.body["kind"] == kind


def test_columns_are_mapped_and_constants_set() -> None:
    columns = parse_columns("live", ["id=channel", "title=channel"], ["status=replay"])
    assert columns.apply({"channel": "x", "mature": "False"}) == {"id": "x", "title": "x", "status": "replay"}
    with pytest.raises(InputError, match="has no column 'channel'"):
        columns.check_header("f.csv", ("id", "name"))


def test_every_mistake_in_the_options_is_named() -> None:
    with pytest.raises(InputError) as caught:
        parse_columns("product", ["colour=x", "id", "title=a", "title=b", "attributes.fit=Fit"], ["price", "title=c"])
    assert len(caught.value.mistakes) == 5

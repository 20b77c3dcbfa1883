from __future__ import annotations

from typing import Any

import orjson
import pytest

from stack.documents import DOCUMENT_TYPES
from stack.mappings import read_json
from stack.settings import ROOT
from stack.signals import DELETED_AT, FAST, millis, newer_fields, overlaid, update_lines

AT = millis("2026-05-01T00:00:00Z")
STORED = {"id": "a", "title": "Lamp", "price": 10.0, "stock": 5, "in_stock": True, "updated_at": "2026-05-01T00:00:00Z"}


def signal(at: int = AT, **fields: Any) -> dict[str, Any]:
    return {"id": "a", "kind": "product", "times": dict.fromkeys(fields, at)} | fields


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        (None, {}),
        (signal(), {}),
        (signal(AT + 1, price=9.0), {"price": 9.0}),
        (signal(AT, price=9.0), {"price": 9.0}),  # it was sent for this document
        (signal(AT - 1, price=9.0), {}),  # a full record that is newer supersedes it
        (signal(AT + 1, stock=0), {"stock": 0, "in_stock": False}),
        (signal(AT + 1, stock=None), {"stock": None, "in_stock": None}),  # taken away: absent, not zero
        (signal(AT + 1, title="Other", deleted_at=3), {}),
    ],
)
def test_the_newer_of_signal_and_document_is_shown(said: dict[str, Any] | None, changed: dict[str, Any]) -> None:
    expected = {name: value for name, value in (STORED | changed).items() if value is not None}
    assert overlaid("product", dict(STORED), said) == expected


def test_each_field_has_a_time_of_its_own() -> None:
    both = signal(AT + 1, price=9.0) | {"stock": 1}
    both["times"]["stock"] = AT - 1
    assert newer_fields("product", both, AT) == {"price": 9.0}
    assert newer_fields("product", both, 0, AT) == {"stock": 1}


def test_every_fast_field_is_one_of_its_document_and_of_the_index() -> None:
    mapped = read_json(ROOT / "mappings/indexes/signals.json")["template"]["mappings"]["properties"]
    for kind, names in FAST.items():
        assert set(names) <= set(DOCUMENT_TYPES[kind].model_fields) & set(mapped)
    assert {DELETED_AT, "in_stock", "times", "updated_at", "kind", "id"} <= set(mapped)


def test_an_update_is_two_lines_that_name_the_signal() -> None:
    action, body = map(orjson.loads, update_lines("souk-signals", "product", "a", {"stock": 0}, AT).splitlines())
    assert action["update"]["_id"] == "product:a"
    assert body["script"]["params"] == {"fields": {"stock": 0, "in_stock": False}, "at": AT}
    assert body["upsert"] == {"kind": "product", "id": "a"}

"""Records of this schema and of older ones as they are written; the published samples whole."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.events.importing import entry_of
from stack.behaviour import EVENTS, QUERIES


def written(record: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = orjson.loads(entry_of(record).body)
    return kept


def test_an_event_of_today_stays_as_it_is() -> None:
    event = {
        "application": "shop",
        "action_name": "purchase",
        "query_id": "q",
        "timestamp": "2025-03-01T12:00:00Z",
        "event_attributes": {
            "object": {"object_id": "1", "object_id_field": "sku"}, "position": {"ordinal": 2}, "value": 9.5,
        },
    }  # fmt: skip
    assert written(event) == event


def test_an_older_flat_event_is_lifted() -> None:
    event = {
        "action_name": "item_click",
        "timestamp": 1717527997546,
        "position": 7,
        "dwell_time": 45.5,
        "object_id_field": "ean",
        "object_id": "EAN-1",
        "product_id": 1715714,
        "user_id": "ada",
        "message": None,
        "session_id": "",
    }
    assert written(event) == {
        "action_name": "item_click",
        "timestamp": "2024-06-04T19:06:37.546000Z",
        "event_attributes": {
            "object": {"object_id": "1715714", "object_id_field": "id", "object_id_type": "product"},
            "position": {"ordinal": 7},
            "dwell_time": 45.5,
        },
    }


def test_an_older_query_is_lifted_and_the_engine_s_request_left_out() -> None:
    query = {"query_id": "q", "user_query": "bag", "query": "{...}", "result_product_ids": [1, 2], "shop": {"id": 3}}
    assert written(query) == {
        "query_id": "q",
        "user_query": "bag",
        "query_response_hit_ids": ["1", "2"],
        "query_attributes": {"has_results": True, "shop": '{"id":3}'},
    }


def test_the_id_of_a_query_is_its_query_id_and_that_of_an_event_comes_from_all_of_it() -> None:
    assert entry_of({"query_id": "q-1", "user_query": "bag"}).id == "q-1"
    click = {"action_name": "click", "query_id": "q-1", "timestamp": "2025-03-01T12:00:00Z"}
    assert entry_of(click).id == entry_of(dict(reversed(click.items()))).id
    assert entry_of(click).id != entry_of({**click, "action_name": "view"}).id


@pytest.mark.shared
@pytest.mark.parametrize("sample", ["ubi_esci_sample", "ubi_icecat_simulated"])
def test_the_published_samples_are_taken_whole(shared_data: Path, sample: str) -> None:
    logs: Counter[str] = Counter()
    placed = 0
    for file in sorted((shared_data / sample).glob("ubi_*.jsonl.gz")):
        with gzip.open(file) as lines:
            for line in lines:
                entry = entry_of(orjson.loads(line))
                logs[entry.log] += 1
                placed += b'"ordinal"' in entry.body
    assert (
        logs
        == {
            "ubi_esci_sample": {QUERIES: 473, EVENTS: 3_019},
            "ubi_icecat_simulated": {QUERIES: 4_130, EVENTS: 26_828},
        }[sample]
    )
    assert placed == {"ubi_esci_sample": 2_513, "ubi_icecat_simulated": 21_472}[sample]

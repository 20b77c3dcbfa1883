"""The heartbeats of the generated lives, so that a demo's rooms stay on. Real rooms send their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch, helpers

from stack.client import engine_errors


def living_rooms(client: OpenSearch, index: str, now: datetime, heartbeat_s: int) -> list[str]:
    """The ids of rooms that say they are live and were heard of lately; a room gone silent stays silent."""
    since = (now - timedelta(seconds=heartbeat_s)).isoformat()
    query = {"bool": {"filter": [{"term": {"status": "live"}}, {"range": {"heartbeat_at": {"gte": since}}}]}}
    with engine_errors():
        answer = client.search(index=index, body={"size": 1000, "_source": False, "query": query})
    return [hit["_id"] for hit in answer["hits"]["hits"]]


def beat(client: OpenSearch, index: str, rooms: list[str], now: datetime) -> None:
    """One heartbeat of each room. A room that was deleted meanwhile is passed over."""
    change = {"heartbeat_at": now.isoformat()}
    actions: list[dict[str, Any]] = [
        {"_op_type": "update", "_index": index, "_id": id_, "doc": change} for id_ in rooms
    ]
    with engine_errors():
        helpers.bulk(client, actions, raise_on_error=False)


def keep_beating(
    client: OpenSearch,
    index: str,
    heartbeat_s: int,
    every_s: float,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
) -> None:
    """Beat until the process is ended."""
    rooms = living_rooms(client, index, clock(), heartbeat_s)
    while True:
        beat(client, index, rooms, clock())
        wait(every_s)

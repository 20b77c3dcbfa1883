"""The heartbeats of the generated lives, so that a demo's rooms stay on. Real rooms send their own.

A heartbeat updates a field of the room's document, for which the engine indexes the whole document anew, its vectors
too: fine for a demo of some rooms, not for a market of thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch, helpers

from stack.client import engine_errors
from stack.errors import EngineError, NotFoundError


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
        # require_alias: were the alias gone, the engine would make an index of its name, without our mapping.
        helpers.bulk(client, actions, raise_on_error=False, require_alias=True)


def keep_beating(
    client: OpenSearch,
    index: str,
    heartbeat_s: int,
    every_s: float,
    clock: Callable[[], datetime],
    wait: Callable[[float], None],
    say: Callable[[str], None],
) -> None:
    """Beat until the process is ended; an engine that is away or refuses is said once and waited for.

    The rooms are read once, at the start: whatever else is live later has heartbeats of its own, and kept alive by us
    it could never fall silent. An outage does not forget them: after it they beat again.
    """
    rooms: list[str] | None = None
    away = False
    while True:
        try:
            if rooms is None:
                rooms = living_rooms(client, index, clock(), heartbeat_s)
            beat(client, index, rooms, clock())
        except (EngineError, NotFoundError) as error:
            if not away:
                say(f"No heartbeats for now: {error}")
            away = True
        else:
            if away:
                say("The heartbeats go on")
            away = False
        wait(every_s)

"""The heartbeats and viewers of the generated lives, so that a demo's rooms stay on. Real rooms send their own.

They go to the signals (`stack/signals.py`), as those of `souk ingest lives --update` do: no document is written.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch

from stack.client import engine_errors
from stack.errors import EngineError, NotFoundError
from stack.signals import millis, update_lines

# How far the crowd of a room moves around its size, and how long one wave of it takes.
SWAY, WAVE_S = 0.15, 600.0


def living_rooms(
    client: OpenSearch, index: str, signals: str, now: datetime, heartbeat_s: int
) -> dict[str, int | None]:
    """The ids and viewers of rooms that say they are live and were heard of lately; a silent room stays silent."""
    since = (now - timedelta(seconds=heartbeat_s)).isoformat()
    heard = {"range": {"heartbeat_at": {"gte": since}}}
    with engine_errors():
        beats = _search(client, signals, [{"term": {"kind": "live"}}, heard], ["id", "status"])
        beating = [beat["id"] for beat in beats if beat.get("status", "live") == "live"]
        fresh = {"bool": {"should": [heard, {"terms": {"id": beating}}], "minimum_should_match": 1}}
        rooms = _search(client, index, [{"term": {"status": "live"}}, fresh], ["id", "viewers"])
    return {room["id"]: room.get("viewers") for room in rooms}


def _search(client: OpenSearch, index: str, filters: list[dict[str, Any]], fields: list[str]) -> list[dict[str, Any]]:
    body = {"size": 1000, "_source": fields, "query": {"bool": {"filter": filters}}}
    return [hit["_source"] for hit in client.search(index=index, body=body)["hits"]["hits"]]


def crowd(id: str, viewers: int, now: datetime) -> int:
    """How many watch now: around the room's size, each room in a rhythm of its own."""
    phase = zlib.crc32(id.encode()) / 2**32
    return max(0, round(viewers * (1 + SWAY * math.sin(2 * math.pi * (now.timestamp() / WAVE_S + phase)))))


def beat(client: OpenSearch, signals: str, rooms: Mapping[str, int | None], now: datetime) -> None:
    """One heartbeat of each room."""
    if not rooms:
        return
    lines = []
    for id, viewers in rooms.items():
        fields: dict[str, Any] = {"heartbeat_at": now.isoformat()}
        if viewers is not None:
            fields["viewers"] = crowd(id, viewers, now)
        lines.append(update_lines(signals, "live", id, fields, millis(now)))
    with engine_errors():
        # require_alias: were the alias gone, the engine would make an index of its name, without our mapping.
        answer = client.bulk(
            body=b"".join(lines), params={"require_alias": "true", "filter_path": "errors,items.*.error"}
        )
    if answer["errors"]:
        error = next(item["update"]["error"] for item in answer["items"] if "error" in item.get("update", {}))
        raise EngineError(f"a heartbeat was refused: {error.get('reason')}", "Run souk apply")


def keep_beating(
    client: OpenSearch,
    index: str,
    signals: str,
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
    rooms: dict[str, int | None] | None = None
    away = False
    while True:
        try:
            if rooms is None:
                rooms = living_rooms(client, index, signals, clock(), heartbeat_s)
            beat(client, signals, rooms, clock())
        except (EngineError, NotFoundError) as error:
            if not away:
                say(f"No heartbeats for now: {error}")
            away = True
        else:
            if away:
                say("The heartbeats go on")
            away = False
        wait(every_s)

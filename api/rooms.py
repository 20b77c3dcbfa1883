"""The live rooms as their signals say, kept in the process: heartbeats come faster than documents are written.

Whether a room is on decides where it ranks and what a filter on status finds, before any page is fetched. Rooms that
were heard of within two days are few beside the market, so a small search every few seconds brings them all; requests
read what was last found and never wait. Older signals are folded back into the documents (`souk signals fold`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy import AsyncOpenSearch

from api.lives import effective_status
from stack.client import engine_errors
from stack.errors import SoukError
from stack.signals import millis, newer_fields

log = logging.getLogger("souk.rooms")
# A heartbeat counts for minutes: what a room says is seen this many seconds later at the latest.
EVERY_S = 3.0
# No longer: an engine that hangs must hold up neither the start of a process nor the next look.
ANSWER_S = 3.0
# Looked back for, and at most so many, newest first: bounds the search and the clauses of a filter on status. Two days:
# a signal is a day at rest before a fold takes it up, and folds are a day apart.
LOOK_BACK = timedelta(days=2)
AT_MOST = 2_000
FIELDS = ["id", "status", "heartbeat_at", "times"]


@dataclass(frozen=True)
class Rooms:
    """Signals of rooms by id. A signal's field counts while it is not older than the room's document."""

    by_id: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def state(
        self, id: str, status: str | None, beat: datetime | None, written: int
    ) -> tuple[str | None, datetime | None]:
        """Status and last heartbeat of a room whose document has these and was `written` then (milliseconds)."""
        signal = self.by_id.get(id)
        if signal is None:
            return status, beat
        newer = newer_fields("live", signal, written)
        if "status" in newer:
            status = newer["status"]
        if "heartbeat_at" in newer:
            beat = _moment(newer["heartbeat_at"])
        return status, beat

    def beating(self, now: datetime, heartbeat_s: int) -> list[str]:
        """The ids of rooms whose signal has a fresh heartbeat."""
        since = now - timedelta(seconds=heartbeat_s)
        beats = ((id, _moment(signal.get("heartbeat_at"))) for id, signal in self.by_id.items())
        return [id for id, beat in beats if beat is not None and beat >= since]

    def said(self, now: datetime, heartbeat_s: int) -> dict[str, str]:
        """The status of each room whose signal has one."""
        states = ((id, signal.get("status"), signal.get("heartbeat_at")) for id, signal in self.by_id.items())
        known = ((id, effective_status(status, _moment(beat), now, heartbeat_s)) for id, status, beat in states)
        return {id: status for id, status in known if status is not None}


NO_ROOMS = Rooms()


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def rooms_body(now: datetime) -> dict[str, Any]:
    """The search for rooms that were heard of lately."""
    since = millis(now - LOOK_BACK)
    return {
        "size": AT_MOST,
        "track_total_hits": False,
        "_source": FIELDS,
        "sort": [{"updated_at": "desc"}],
        "query": {"bool": {"filter": [{"term": {"kind": "live"}}, {"range": {"updated_at": {"gte": since}}}]}},
    }


async def read_rooms(client: AsyncOpenSearch, signals: str, now: datetime) -> Rooms:
    """What the signals say now; nothing where there is no such index. Raises EngineError."""
    params = {"ignore_unavailable": "true", "filter_path": "hits.hits._source", "request_timeout": ANSWER_S}
    with engine_errors():
        answer = await client.search(index=signals, body=rooms_body(now), params=params)
    sources = (hit["_source"] for hit in (answer.get("hits") or {}).get("hits", []))
    return Rooms({source["id"]: source for source in sources})


class RoomWatch:
    """Keeps what `look` found last, and looks again from `start` to `close`."""

    def __init__(self, look: Callable[[], Awaitable[Rooms]], every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None
        self.rooms = NO_ROOMS

    async def start(self) -> None:
        """Look now, and from now on again and again."""
        await self.look()
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Look now. An engine that is away proves nothing: what was found before stays."""
        try:
            self.rooms = await self._look()
        except SoukError:
            return
        except Exception:
            # Whatever it is, it must not end the watch: rooms would stand still as long as the process lives.
            log.exception("the live rooms cannot be read")

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()


def watch_rooms(client: AsyncOpenSearch, signals: str) -> RoomWatch:
    """A watch over the rooms of a signals index."""
    return RoomWatch(lambda: read_rooms(client, signals, datetime.now(UTC)))

"""The road of a record to the engine: put → wait, at most so many bytes → one bulk a second → counted.

`put` only appends: an answer never waits for it. While the engine is away records wait; when there is no more room,
new ones are dropped and counted. At shutdown there is one last try, within `close_s`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson
from opensearchpy import AsyncOpenSearch

from api.events.tally import Loss, Tally
from stack.behaviour import EVENTS, QUERIES, Log, WriterRules, index_of
from stack.client import engine_errors
from stack.errors import EngineError, SoukError
from stack.settings import Settings

log = logging.getLogger("souk.events")

BUSY = frozenset({429, 500, 502, 503, 504})
KNOWN = 409
"""The record is there already: it was written before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way: `body` is one line of JSON."""

    log: Log
    id: str
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + len(self.id)


# Writes entries and answers with the HTTP status of each. Raises EngineError when the engine cannot be asked.
Send = Callable[[Sequence[Entry]], Awaitable[list[int]]]


class EventWriter:
    """Holds what is not written yet and writes it in the background, within `async with`."""

    def __init__(self, send: Send, rules: WriterRules, tally: Tally) -> None:
        self.tally = tally
        self._send = send
        self._rules = rules
        self._waiting: deque[Entry] = deque()
        self._bytes = 0
        self._enough = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, entry: Entry) -> bool:
        """Take a record to be written. False when there is no room: it is dropped and counted."""
        if self._bytes + entry.size > self._rules.waiting_bytes:
            self.tally.dropped(entry.log, "full")
            return False
        self._waiting.append(entry)
        self._bytes += entry.size
        self.tally.waiting(len(self._waiting))
        if len(self._waiting) >= self._rules.batch:
            self._enough.set()
        return True

    async def __aenter__(self) -> EventWriter:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits, within `close_s`; the rest is dropped and counted."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rules.close_s):
                await self._flush()
        if self._waiting:
            log.warning("%d searches and events were lost at shutdown", len(self._waiting))
        while self._waiting:
            self.tally.dropped(self._waiting.popleft().log, "shutdown")
        self.tally.waiting(0)

    async def _run(self) -> None:
        pause = 0.0
        while True:
            if pause:
                await asyncio.sleep(pause)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._enough.wait(), self._rules.every_s)
            self._enough.clear()
            if await self._flush():
                pause = 0.0
            else:
                pause = min(max(2 * pause, self._rules.every_s), self._rules.longest_pause_s)

    async def _flush(self) -> bool:
        """Write all that waits. False when the engine did not take it, for now."""
        while self._waiting:
            # They stay in the queue until the engine has answered: a cancelled write loses nothing.
            batch = [self._waiting[place] for place in range(min(self._rules.batch, len(self._waiting)))]
            try:
                async with asyncio.timeout(self._rules.timeout_s):
                    statuses = await self._send(batch)
            except (SoukError, TimeoutError) as error:
                log.warning("%d searches and events wait for the engine: %s", len(self._waiting), error)
                return False
            if not self._settle(batch, statuses):
                return False
        return True

    def _settle(self, batch: list[Entry], statuses: list[int]) -> bool:
        """Take out of the queue what is dealt with; what the engine was too busy for stays. False when some stays."""
        for _ in batch:
            self._bytes -= self._waiting.popleft().size
        again = [entry for entry, status in zip(batch, statuses, strict=True) if status in BUSY]
        for entry, status in zip(batch, statuses, strict=True):
            if status < 300 or status == KNOWN:
                self.tally.written(entry.log)
            elif status not in BUSY:
                self._lost(entry, "refused", status)
        self._waiting.extendleft(reversed(again))
        self._bytes += sum(entry.size for entry in again)
        self.tally.waiting(len(self._waiting))
        return not again

    def _lost(self, entry: Entry, why: Loss, status: int) -> None:
        self.tally.dropped(entry.log, why)
        log.warning("the engine refused a record of %s (HTTP %d); is souk apply done?", entry.log, status)


def bulk_lines(entries: Sequence[Entry], indexes: dict[Log, str]) -> bytes:
    """The body of a `_bulk` that creates each record once."""
    return b"".join(
        orjson.dumps({"create": {"_index": indexes[entry.log], "_id": entry.id}}) + b"\n" + entry.body + b"\n"
        for entry in entries
    )


def bulk_sender(client: AsyncOpenSearch, settings: Settings, timeout_s: float) -> Send:
    """Writes to the indexes of the settings. They must be there: an index made by a write would have no mapping."""
    indexes: dict[Log, str] = {name: index_of(settings, name) for name in (QUERIES, EVENTS)}
    params = {"require_alias": "true", "filter_path": "items.*.status", "request_timeout": timeout_s}

    async def send(entries: Sequence[Entry]) -> list[int]:
        with engine_errors():
            answer = await client.transport.perform_request(
                "POST",
                "/_bulk",
                params=dict(params),
                body=bulk_lines(entries, indexes).decode(),
                headers={"content-type": "application/x-ndjson"},
            )
        items = answer.get("items", [])
        if len(items) != len(entries):
            raise EngineError("the engine answered a bulk without all of its items")
        return [int(item["create"]["status"]) for item in items]

    return send

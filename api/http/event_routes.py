"""`POST /v1/events`, and what the other routes call when a search was answered."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.events.intake import Allowance, read_events
from api.events.record import Entrance, search_entry
from api.events.tally import Tally
from api.events.writer import EventWriter, bulk_sender
from api.http.errors import documented
from api.model import Answer, SearchRequest
from stack.behaviour import BehaviourRules, Event, load_behaviour_rules
from stack.client import connect_async
from stack.errors import UnsupportedError
from stack.settings import Settings

log = logging.getLogger("souk.events")

CLIENT_HEADER = "x-client-id"
CLIENT_COOKIE = "souk_client"
CLIENT_ID = re.compile(r"[A-Za-z0-9._:@-]{1,100}")


class Taken(BaseModel):
    """How many events will be written. Fewer than were sent when the engine is away and no more can wait."""

    taken: int = Field(examples=[3])


@dataclass(frozen=True)
class Events:
    """What the routes need to write down what happens."""

    writer: EventWriter
    rules: BehaviourRules
    allowance: Allowance


router = APIRouter(prefix="/v1", tags=["events"])


# Opened with the application, told where to count.
OpenEvents = Callable[[Tally], AbstractAsyncContextManager[Events]]


def events_opener(settings: Settings) -> OpenEvents | None:
    """Writes to the engine of the settings; None when they switch events off."""
    if not settings.events:
        return None
    rules = load_behaviour_rules(settings.mappings_dir)

    @asynccontextmanager
    async def opened(tally: Tally) -> AsyncIterator[Events]:
        client = connect_async(settings, pool=1)
        writer = EventWriter(bulk_sender(client, settings, rules.writer.timeout_s), rules.writer, tally)
        try:
            async with writer:
                yield Events(writer, rules, Allowance(rules.intake))
        finally:
            await client.close()

    return opened


def client_of(request: Request) -> str | None:
    """The id that the caller gave itself, by header or by the cookie of our own page; None when it gave none, or
    something else than a plain token, or asks by Global Privacy Control not to be followed."""
    if request.headers.get("sec-gpc") == "1":
        return None
    given = request.headers.get(CLIENT_HEADER) or request.cookies.get(CLIENT_COOKIE) or ""
    return given if CLIENT_ID.fullmatch(given) else None


def note_search(request: Request, asked: SearchRequest, answer: Answer, entrance: Entrance) -> None:
    """Write a search down, in the background. Debugging is no shopping, nor is HEAD: left out. Raises nothing."""
    events: Events | None = request.app.state.events
    if events is None or asked.debug or request.method == "HEAD":
        return
    try:
        events.writer.put(search_entry(asked, answer, entrance, client_of(request), datetime.now(UTC)))
    except Exception:  # an answer is not lost for a note about it
        log.exception("a search was not written down")


def _schema() -> dict[str, Any]:
    """One event or a list, with the definitions in place: a reference would be looked for in the whole document."""
    schema = Event.model_json_schema()
    event = _inlined(schema, schema.pop("$defs", {}))
    return {"anyOf": [event, {"type": "array", "items": event, "maxItems": 100}]}


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items()}


EXAMPLE = {
    "action_name": "click",
    "query_id": "7d2a1f5e-6b1c-4a39-9c55-0f6de1c2b7aa",
    "timestamp": "2025-03-01T09:30:00Z",
    "event_attributes": {
        "object": {"object_id": "p-00042-7f3a", "object_id_type": "product", "object_id_field": "id"},
        "position": {"ordinal": 3},
    },
}


@router.post(
    "/events",
    status_code=202,
    summary="What shoppers did: one event of User Behavior Insights 1.3, or a list",
    responses=documented(409, 413, 422, 429, 500),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(), "example": EXAMPLE}},
        }
    },
)
async def take_events(request: Request) -> Taken:
    """Written in the background; `query_id` is that of the answer which the shopper saw.

    An event without a time gets the server's. No address, no browser and no `user_id` is kept.
    """
    events: Events | None = request.app.state.events
    body = await request.body()
    if events is None:
        raise UnsupportedError("events are switched off here", "Serve with SOUK_EVENTS=true")
    entries = read_events(body, events.rules.intake, datetime.now(UTC), client_of(request))
    if not events.allowance.take(len(entries)):
        raise HTTPException(429, "more events a second than are taken here", {"Retry-After": "1"})
    return Taken(taken=sum(events.writer.put(entry) for entry in entries))

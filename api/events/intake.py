"""`POST /v1/events`: a body → events, each checked, or every mistake with its index and field."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import ValidationError

from api.events.writer import Entry
from stack.behaviour import EVENTS, Event, IntakeRules, Query, body_of, id_of
from stack.errors import InputError, Mistake

REMEDY = "Send events of User Behavior Insights 1.3; /openapi.json has their schema"
EXTRA = "should be a text, a number, true, false, or a list of those"
MOST_MISTAKES = 50
MODELS = {model.__name__: model for model in (Event, Query)}


def read_events(body: bytes, rules: IntakeRules, now: datetime, client_id: str | None = None) -> list[Entry]:
    """The records of a body that holds one event or a list. `client_id` is for those that name none.

    An event without a time, or with one that no honest clock says, gets the server's. Raises InputError.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError([Mistake("body", f"not JSON: {error}")], REMEDY) from error
    listed = isinstance(given, list)
    rows = given if listed else [given]
    if len(rows) > rules.most_events:
        what = f"holds {len(rows)} events; at most {rules.most_events} at once"
        raise InputError([Mistake("body", what)], "Send them in several requests")
    events: list[Event] = []
    mistakes: list[Mistake] = []
    for place, row in enumerate(rows):
        try:
            events.append(Event.model_validate(row))
        except ValidationError as error:
            mistakes += mistakes_of(error, f"[{place}]" if listed else "")
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES], REMEDY)
    return [_entry(_stamped(event, rules, now), client_id) for event in events]


def mistakes_of(error: ValidationError, where: str = "") -> list[Mistake]:
    """Pydantic's complaints, one a field: `[3].event_attributes.object.object_id: Field required`."""
    found: dict[str, Mistake] = {}
    for each in error.errors(include_url=False, include_input=False):
        place, extra = _place(each["loc"], MODELS.get(error.title))
        path = ".".join([where, place] if where and place else [where or place]) or "body"
        what = EXTRA if extra and each["type"] != "extra_forbidden" else _said(each)
        found.setdefault(path, Mistake(path, what))
    return list(found.values())


def _said(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "no such field; details belong into event_attributes"
    if error["type"] in ("model_type", "model_attributes_type"):
        return "should be a JSON object"
    return str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")


def _place(loc: tuple[int | str, ...], model: Any) -> tuple[str, bool]:
    """(`event_attributes.colour`, is it beyond the standard): for each type that a value might have been pydantic
    adds a complaint with the type's name at its end."""
    parts: list[str] = []
    for part in loc:
        parts.append(str(part))
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return ".".join(parts), True
        model = next(_models(field.annotation), None)
        if model is None:
            return ".".join(parts), False
    return ".".join(parts), False


def _models(annotation: Any) -> Iterator[Any]:
    """The models of `Object | None`."""
    for one in getattr(annotation, "__args__", (annotation,)):
        if hasattr(one, "model_fields"):
            yield one


def _stamped(event: Event, rules: IntakeRules, now: datetime) -> Event:
    earliest, latest = now - timedelta(seconds=rules.late_s), now + timedelta(seconds=rules.ahead_s)
    if event.timestamp is not None and earliest <= event.timestamp <= latest:
        return event
    return event.model_copy(update={"timestamp": now})


def _entry(event: Event, client_id: str | None) -> Entry:
    if event.client_id is None and client_id:
        event = event.model_copy(update={"client_id": client_id})
    body = body_of(event)
    return Entry(EVENTS, id_of(body), body)


class Allowance:
    """A bucket of tokens: `per_second` flow in, at most `burst` are kept, each event takes one."""

    def __init__(self, rules: IntakeRules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._left = float(rules.burst)
        self._at = clock()

    def take(self, count: int) -> bool:
        """Take so many, or none of them."""
        now = self._clock()
        self._left = min(self._rules.burst, self._left + (now - self._at) * self._rules.per_second)
        self._at = now
        if count > self._left:
            return False
        self._left -= count
        return True

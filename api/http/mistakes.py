"""Pydantic's validation errors in our own words: one Mistake a field, with what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from api.model import SearchRequest
from stack.errors import Mistake

FILTER_SHAPE = 'should be a value, a list of values, or a range like {"gte": 10, "lte": 50}'
BODY_SHAPE = 'should be a JSON object like {"q": "mouse"}, sent with Content-Type: application/json'


def from_pydantic(errors: Sequence[Any], filters: str = "filters") -> list[Mistake]:
    """One mistake a place, in order. `filters` is how this entrance writes the place of a filter.

    A filter may have one of five shapes and pydantic complains about each of them, so those become one mistake.
    """
    mistakes = (_mistake(error, filters) for error in errors)
    return list({mistake.where: mistake for mistake in reversed(list(mistakes))}.values())[::-1]


def _mistake(error: Any, filters: str) -> Mistake:
    kind, context = error["type"], error.get("ctx", {})
    place = tuple(part for part in error["loc"] if part not in ("body", "path", "query"))
    if kind == "json_invalid":
        return Mistake("body", f"not JSON: {context.get('error', 'cannot be read')} (character {error['loc'][-1]})")
    if not place:
        return Mistake("body", BODY_SHAPE)
    if place[0] == "filters":
        return _filter_mistake(error, place, filters)
    where = ".".join(map(str, place))
    if kind == "extra_forbidden":
        return Mistake(where, "no such field", tuple(SearchRequest.model_fields))
    if kind == "literal_error":
        return Mistake(where, "no such choice", tuple(re.findall(r"'([^']*)'", context.get("expected", ""))))
    return Mistake(where, error["msg"].removeprefix("Input ").removeprefix("Value error, "))


def _filter_mistake(error: Any, place: tuple[Any, ...], filters: str) -> Mistake:
    if len(place) == 1:
        return Mistake(filters, error["msg"].removeprefix("Input "))
    return Mistake(f"{filters}.{place[1]}", FILTER_SHAPE)

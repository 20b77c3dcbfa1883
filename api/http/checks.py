"""All mistakes of a request at once: those of its form, and those that only the core knows of.

When the form is wrong there is no SearchRequest that the core could check; what remains of it without the wrong parts
is checked instead, so that nobody mends one mistake only to be told of the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from api.http.core import SearchCore
from api.http.query_params import FILTER, read_search
from api.model import SearchRequest
from stack.errors import InputError, Mistake, UnsupportedError

FILTERS = "filters."
NO_TEXT = "holds half of a surrogate pair, which is no character"


def read_request(pairs: Iterable[tuple[str, str]], core: SearchCore) -> SearchRequest:
    """The request of a query string, checked by the core. Raises InputError with every mistake, UnsupportedError."""
    request, raw, mistakes = read_search(pairs, core.fields)
    if request is None:
        mistakes += further_mistakes(raw, mistakes, core)
    else:
        mistakes = _mistakes_of(request, core, but=())
    if mistakes or request is None:
        raise InputError([_as_parameter(mistake) for mistake in mistakes])
    return request


def need_text(request: SearchRequest) -> None:
    """Raises InputError for lone surrogates: JSON may hold them (`"\\ud800"`), what goes to the engine cannot."""
    given = request.model_dump()
    given |= {FILTERS + name: {name: value} for name, value in given.pop("filters").items()}
    if mistakes := [Mistake(where, NO_TEXT) for where, value in given.items() if not _is_text(value)]:
        raise InputError(mistakes)


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def further_mistakes(raw: Any, mistakes: Sequence[Mistake], core: SearchCore) -> list[Mistake]:
    """What the core says to the parts of a request that have no mistake yet. `raw` may be any JSON."""
    try:
        return _mistakes_of(SearchRequest.model_validate(_without(raw, mistakes)), core, but=(UnsupportedError,))
    except ValidationError:  # what is wrong cannot be told apart from the rest
        return []


def _mistakes_of(request: SearchRequest, core: SearchCore, but: tuple[type[Exception], ...]) -> list[Mistake]:
    try:
        core.plan(request)
    except InputError as error:
        return list(error.mistakes)
    except but:
        pass
    return []


def _without(raw: Any, mistakes: Sequence[Mistake]) -> dict[str, Any]:
    """The request without what the mistakes name: single filters, or whole fields."""
    if not isinstance(raw, dict):
        return {}
    places = {mistake.where.replace(FILTER, FILTERS, 1) for mistake in mistakes}
    wrong = {place.split(".")[0] for place in places if not place.startswith(FILTERS)}
    rest = {name: value for name, value in raw.items() if name in SearchRequest.model_fields and name not in wrong}
    if isinstance(filters := rest.get("filters"), dict):
        rest["filters"] = {name: value for name, value in filters.items() if f"{FILTERS}{name}" not in places}
    return rest


def _as_parameter(mistake: Mistake) -> Mistake:
    """`filters.brand` of a body is `filter.brand` in a query string."""
    where = mistake.where
    return replace(mistake, where=FILTER + where.removeprefix(FILTERS)) if where.startswith(FILTERS) else mistake

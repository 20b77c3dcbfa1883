"""The query string of a comparison: `a=full:-spelling&b=hybrid&q=laptop&type=product`."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from api.compare.model import CompareRequest
from api.compare.rankers import REMEDY, read_rankers
from api.http.mistakes import from_pydantic
from stack.errors import InputError, Mistake

PARAMETERS = tuple(CompareRequest.model_fields)


def read_compare(pairs: Iterable[tuple[str, str]]) -> CompareRequest:
    """The request; an empty value means "not given". Raises InputError with every mistake, wrong rankers included."""
    given = [(name, value) for name, value in pairs if value.strip()]
    raw = dict(given)
    names = [name for name, _ in given]
    mistakes = [Mistake(name, "no such parameter", PARAMETERS) for name in raw if name not in PARAMETERS]
    mistakes += [
        Mistake(name, f"given {names.count(name)} times; give it once")
        for name in raw
        if name in PARAMETERS and names.count(name) > 1
    ]
    try:
        read_rankers([(side, raw[side]) for side in ("a", "b") if side in raw])
    except InputError as error:
        mistakes += error.mistakes
    try:
        request = CompareRequest.model_validate({name: raw[name] for name in raw if name in PARAMETERS})
    except ValidationError as error:
        raise InputError(mistakes + from_pydantic(error.errors(include_url=False)), REMEDY) from None
    if mistakes:
        raise InputError(mistakes, REMEDY)
    return request

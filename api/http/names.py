"""The names a request uses, against those that exist.

The core checks names too. It cannot see a request whose bounds are wrong, because no SearchRequest comes of it; here
the readable part of such a request is checked, so that its caller hears of all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.http.query_params import FILTER, REMEDY, read_search
from api.model import SearchRequest
from api.query.fields import ATTRIBUTE, Field, FieldCatalog
from stack.documents import KINDS, Kind
from stack.errors import InputError, Mistake


def read_request(pairs: Iterable[tuple[str, str]], fields: FieldCatalog) -> SearchRequest:
    """The request of a query string. Raises InputError with every mistake, unknown names among them."""
    request, raw, mistakes = read_search(pairs)
    if request is None:
        raise InputError(mistakes + unknown_names(raw, fields, FILTER), REMEDY)
    return request


def unknown_names(raw: Any, fields: FieldCatalog, filter_prefix: str = "filters.") -> list[Mistake]:
    """A mistake for each sort, facet and filter that does not exist. `raw` may be any JSON; odd parts are passed."""
    if not isinstance(raw, dict):
        return []
    types, filters, facets, sort = _types(raw.get("types")), raw.get("filters"), raw.get("facets"), raw.get("sort")
    sorts = tuple(option.name for option in fields.sorts(types))
    mistakes = [Mistake("sort", "no such sort", sorts)] if isinstance(sort, str) and sort not in sorts else []
    for name in facets if isinstance(facets, list) else []:
        if isinstance(name, str) and not _known(name, fields, types, facet=True):
            mistakes.append(Mistake("facets", f"no such facet: {name}", _names(fields.facets(types))))
    for name in filters if isinstance(filters, dict) else []:
        if not _known(name, fields, types):
            mistakes.append(Mistake(f"{filter_prefix}{name}", "no such field to filter", _names(fields.filters(types))))
    return mistakes


def _types(value: Any) -> Sequence[Kind]:
    return [kind for kind in KINDS if isinstance(value, list) and kind in value] or KINDS


def _known(name: str, fields: FieldCatalog, types: Sequence[Kind], facet: bool = False) -> bool:
    field = fields.find(name)
    return field is not None and bool(set(field.kinds) & set(types)) and (field.facet or not facet)


def _names(found: Sequence[Field]) -> tuple[str, ...]:
    return (*(field.name for field in found), f"{ATTRIBUTE}<name>")

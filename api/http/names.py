"""The names a request uses, against those that exist.

The core checks names too. It cannot see a request whose bounds are wrong, because no SearchRequest comes of it; here
the readable part of such a request is checked, so that its caller hears of all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from api.http.core import FieldCatalog, FieldOption
from api.http.query_params import FILTER, REMEDY, read_search
from api.model import SearchRequest
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
    types = _types(raw.get("types"))
    filters = raw.get("filters")
    return [
        *_missing("sort", [raw.get("sort", "relevance")], fields.sorts(types), "no such sort"),
        *_missing("facets", raw.get("facets"), fields.facets(types), "no such facet: {name}"),
        *_missing(
            f"{filter_prefix}{{name}}",
            list(filters) if isinstance(filters, dict) else [],
            fields.filters(types),
            "no such field to filter",
        ),
    ]


def _types(value: Any) -> Sequence[Kind]:
    return [kind for kind in KINDS if isinstance(value, list) and kind in value] or KINDS


def _missing(where: str, names: Any, known: Sequence[FieldOption], what: str) -> list[Mistake]:
    allowed = tuple(option.name for option in known)
    given = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [Mistake(where.format(name=name), what.format(name=name), allowed) for name in given if name not in allowed]

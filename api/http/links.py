"""Addresses of the search page. Every link is a changed SearchRequest, so each keeps whatever it does not change."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from api.http.query_params import to_pairs
from api.model import FilterValue, RangeFilter, SearchRequest

Filters = dict[str, FilterValue]


def search_url(asked: SearchRequest, **changes: Any) -> str:
    """The page's address for `asked` with changes. Whatever is changed, paging starts again unless `page` is given."""
    pairs = to_pairs(asked.model_copy(update={"page": 1} | changes))
    return f"/?{urlencode(pairs)}" if pairs else "/"


def item_url(kind: str, id: str) -> str:
    return f"/items/{kind}/{quote(id, safe='')}"


def without(filters: Filters, field: str, value: str | bool | float | None = None) -> Filters:
    """The filters without one value of a field, or without the field when `value` is None."""
    kept = filters.get(field)
    rest = {name: one for name, one in filters.items() if name != field}
    if value is None or isinstance(kept, RangeFilter) or not isinstance(kept, list):
        return rest
    values = [one for one in kept if one != value]
    return {name: values if name == field else one for name, one in filters.items() if values or name != field}

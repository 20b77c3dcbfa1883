"""Addresses of the pages. Every link is a changed SearchRequest, so each keeps whatever it does not change."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from api.http.query_params import to_pairs
from api.model import FilterValue, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog
from api.query.plan import RELEVANCE
from stack.documents import Kind, ProfileKind

Filters = dict[str, FilterValue]


def search_url(asked: SearchRequest, **changes: Any) -> str:
    """The page's address for `asked` with changes. Whatever is changed, paging starts again unless `page` is given."""
    pairs = to_pairs(asked.model_copy(update={"page": 1} | changes))
    return f"/search?{urlencode(pairs)}" if pairs else "/search"


def for_types(asked: SearchRequest, types: list[Kind], fields: FieldCatalog) -> str:
    """The page's address for other types, without the filters, facets and sort that those do not have."""

    def known(name: str) -> bool:
        field = fields.find(name)
        return field is not None and bool(set(field.kinds) & set(types))

    return search_url(
        asked,
        types=types,
        filters={name: value for name, value in asked.filters.items() if known(name)},
        facets=[name for name in asked.facets if known(name)],
        sort=asked.sort if asked.sort in {sort.name for sort in fields.sorts(types)} else RELEVANCE,
    )


def compare_url(**asked: Any) -> str:
    """The page that lays two rankers side by side."""
    given = [(name, value) for name, value in asked.items() if value]
    return f"/console/compare?{urlencode(given)}" if given else "/console/compare"


def item_url(kind: str, id: str) -> str:
    return f"/items/{kind}/{quote(id, safe='')}"


def profile_url(kind: ProfileKind, id: str) -> str:
    return f"/{kind}s/{quote(id, safe='')}"


def without(filters: Filters, field: str, value: str | bool | float | None = None) -> Filters:
    """The filters without one value of a field, or without the field when `value` is None."""
    kept = filters.get(field)
    rest = {name: one for name, one in filters.items() if name != field}
    if value is None or isinstance(kept, RangeFilter) or not isinstance(kept, list):
        return rest
    values = [one for one in kept if one != value]
    return {name: values if name == field else one for name, one in filters.items() if values or name != field}

"""The query string of `GET /v1/search` and of the search page: one parser, and its inverse.

    q=mouse&types=product,video&filter.brand=HP&filter.brand=Acer&filter.price=10..50
    → SearchRequest(q="mouse", types=[product, video], filters={brand: [HP, Acer], price: 10 to 50})

An empty value means "not given", because HTML forms send their empty fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from api.http.mistakes import from_pydantic
from api.model import ROUTES, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import KINDS
from stack.errors import Mistake

Pairs = list[tuple[str, str]]

FILTER = "filter."
LISTS = ("types", "facets", "routes", "without")
PARAMETERS = tuple(name for name in SearchRequest.model_fields if name != "filters")
ALLOWED = (*PARAMETERS, "filter.<field>", "filter.<field>.gte", "filter.<field>.lte")

NUMBER = r"-?\d{1,15}(?:\.\d{1,9})?"
DATE = r"\d{4}-\d{2}-\d{2}(?:T[\d:.Z+-]+)?"
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
RANGE = re.compile(rf"(?P<gte>{DATE}|{NUMBER})?\.\.(?P<lte>{DATE}|{NUMBER})?")


def read_search(
    pairs: Iterable[tuple[str, str]], fields: FieldCatalog
) -> tuple[SearchRequest | None, dict[str, Any], list[Mistake]]:
    """The request (None when there are mistakes), the values as they were read, and every mistake of the form.

    `fields` says which filters are flags (`true` becomes True) and which are ranges (`10..50`).
    """
    raw: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    filters = _Filters(fields, mistakes)
    for name, values in _grouped(pairs).items():
        if name.startswith(FILTER) and name != FILTER:
            filters.add(name, values)
        elif name not in PARAMETERS:
            mistakes.append(Mistake(name, "no such parameter", ALLOWED))
        elif values and name in LISTS:
            raw[name] = [part.strip() for value in values for part in value.split(",") if part.strip()]
        elif values:
            raw[name] = values[0]
            if len(values) > 1:
                mistakes.append(Mistake(name, f"given {len(values)} times; give it once"))
    if filters.values:
        raw["filters"] = filters.values
    try:
        request = SearchRequest.model_validate(raw)
    except ValidationError as error:
        return None, raw, mistakes + from_pydantic(error.errors(include_url=False), filters="filter")
    return (None if mistakes else request), raw, mistakes


def to_pairs(request: SearchRequest) -> Pairs:
    """The shortest query string that asks for the same; `read_search` of it gives the request back."""
    pairs: Pairs = [("q", request.q)] if request.q else []
    if sorted(request.types) != sorted(KINDS):
        pairs.append(("types", ",".join(request.types)))
    for field in request.filters:
        pairs += filter_pairs(request, field)
    defaults = SearchRequest()
    for name in ("sort", "page", "size", "language", "mode", "fusion"):
        if (value := getattr(request, name)) != getattr(defaults, name):
            pairs.append((name, str(value)))
    if request.facets:
        pairs.append(("facets", ",".join(request.facets)))
    if sorted(request.routes) != sorted(ROUTES):
        pairs.append(("routes", ",".join(request.routes)))
    if request.without:
        pairs.append(("without", ",".join(request.without)))
    return pairs + [(name, "1") for name in ("explain", "debug") if getattr(request, name)]


def filter_pairs(request: SearchRequest, field: str) -> Pairs:
    """The parameters of one filter: a pair a value, or `.gte` and `.lte`."""
    value = request.filters[field]
    if isinstance(value, RangeFilter):
        bounds = (("gte", value.gte), ("lte", value.lte))
        return [(f"{FILTER}{field}.{edge}", text(bound)) for edge, bound in bounds if bound is not None]
    return [(f"{FILTER}{field}", text(one)) for one in (value if isinstance(value, list) else [value])]


def text(value: str | bool | float) -> str:
    """A filter value as it stands in a query string: `true`, `10`, `9.5`, `HP`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return str(int(value)) if float(value).is_integer() else repr(value)
    return value


class _Filters:
    """Collects `filter.*` parameters into the `filters` of a request."""

    def __init__(self, fields: FieldCatalog, mistakes: list[Mistake]) -> None:
        self.values: dict[str, Any] = {}
        self._fields = fields
        self._mistakes = mistakes

    def add(self, name: str, values: list[str]) -> None:
        field = name.removeprefix(FILTER)
        known = self._fields.find(field)
        base, _, edge = field.rpartition(".")
        for value in values:
            if known is None and base and edge in ("gte", "lte"):
                self._bounds(name, base, {edge: _bound(value)})
            elif known and known.type == "range" and value != ".." and (found := RANGE.fullmatch(value)):
                self._bounds(name, field, {k: _bound(v) for k, v in found.groupdict().items() if v})
            elif known and known.type == "flag":
                self._term(name, field, FLAGS.get(value.casefold(), value))
            else:
                self._term(name, field, value)

    def _term(self, name: str, field: str, value: str | bool) -> None:
        terms = self.values.setdefault(field, [])
        if isinstance(terms, list):
            terms.append(value)
        else:
            self._mistakes.append(Mistake(name, "a range and a value for one field; give one of them"))

    def _bounds(self, name: str, field: str, bounds: dict[str, float | str]) -> None:
        known = self.values.setdefault(field, {})
        if not isinstance(known, dict):
            self._mistakes.append(Mistake(name, "a range and a value for one field; give one of them"))
        elif known.keys() & bounds.keys():
            self._mistakes.append(Mistake(name, "two ranges for one field; give one"))
        else:
            known.update(bounds)


def _bound(value: str) -> float | str:
    return float(value) if re.fullmatch(NUMBER, value) else value


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        values = groups.setdefault(name, [])
        if value.strip():
            values.append(value)
    return groups

"""Is a filter's value of the form that its field takes?"""

from __future__ import annotations

from datetime import datetime

from api.model import FilterValue, RangeFilter
from api.query.fields import Field

MAX_VALUES = 100
MAX_LENGTH = 512


def value_problem(field: Field, value: FilterValue) -> str | None:
    """What is wrong with the value, in words; None when nothing is."""
    if field.type == "range":
        return _range_problem(field, value)
    if isinstance(value, RangeFilter):
        return "takes a value or a list of values, not a range"
    values = value if isinstance(value, list) else [value]
    if not values or len(values) > MAX_VALUES:
        return f"takes 1 to {MAX_VALUES} values"
    if field.type == "flag" and not all(isinstance(item, bool) for item in values):
        return "takes true or false"
    if any(isinstance(item, str) and not 0 < len(item) <= MAX_LENGTH for item in values):
        return f"takes values of 1 to {MAX_LENGTH} characters"
    return None


def _range_problem(field: Field, value: FilterValue) -> str | None:
    if not isinstance(value, RangeFilter):
        return 'takes a range, like {"gte": 10, "lte": 50}'
    bounds = [bound for bound in (value.gte, value.lte) if bound is not None]
    if not bounds:
        return "takes a range with gte, lte or both"
    check = _is_date if field.name.endswith("_at") else _is_number
    if not all(map(check, bounds)):
        return "takes ISO dates, like 2026-01-31" if field.name.endswith("_at") else "takes numbers"
    if len(bounds) == 2 and type(bounds[0]) is type(bounds[1]) and bounds[0] > bounds[1]:  # type: ignore[operator]
        return "gte is more than lte"
    return None


def _is_number(bound: float | str) -> bool:
    return isinstance(bound, float | int) and abs(bound) < 1e15


def _is_date(bound: float | str) -> bool:
    try:
        return isinstance(bound, str) and bool(datetime.fromisoformat(bound))
    except ValueError:
        return False

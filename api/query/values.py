"""Is a filter's value of the form that its field takes?"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from api.model import FilterValue, RangeFilter
from api.query.fields import ATTRIBUTE, Field

MAX_VALUES = 100
MAX_LENGTH = 512
DAY_S = 86_399.999  # to the last millisecond, as the engine rounds
# What Python and the engine's `strict_date_optional_time` read alike; Python alone reads `20260131` as a day too.
DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


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
    exact = field.type in ("term", "hierarchy") and not field.name.startswith(ATTRIBUTE)
    if exact and not all(isinstance(item, str) for item in values):
        return "takes text"  # 4711 is not "04711"
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
    return "gte is more than lte" if len(bounds) == 2 and _place(bounds[0]) > _place(bounds[1], last=True) else None


def _is_number(bound: float | str) -> bool:
    return isinstance(bound, float | int) and abs(bound) < 1e15


def _is_date(bound: float | str) -> bool:
    try:
        return isinstance(bound, str) and bool(DATE.fullmatch(bound) and datetime.fromisoformat(bound))
    except ValueError:
        return False


def _place(bound: float | str, last: bool = False) -> float:
    """Where a checked bound stands: a number, or seconds. The engine reads a day as its first or its `last` moment."""
    if not isinstance(bound, str):
        return bound
    time = datetime.fromisoformat(bound)
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return seconds + DAY_S if last and len(bound) == len("2026-01-31") else seconds

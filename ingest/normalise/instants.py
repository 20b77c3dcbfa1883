"""Instants: ISO 8601, seconds, milliseconds or microseconds since 1970, dates of Parquet. Without a zone: UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

# A number is told by its size: 1e11 seconds is the year 5138, 1e11 milliseconds is 1973.
MILLISECONDS_FROM, MICROSECONDS_FROM = 1e11, 1e14
EPOCH = re.compile(r"\d{9,16}(\.\d+)?")
NAMED_UTC = re.compile(r"\s*(UTC|GMT)\Z", re.IGNORECASE)


def instant(value: Any) -> datetime:
    """The instant, in UTC. Raises ValueError when it is none."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_epoch(float(value))
    raise ValueError("not a time")


@lru_cache(maxsize=10_000)
def _from_text(text: str) -> datetime:
    text = NAMED_UTC.sub("+00:00", text.strip())
    if EPOCH.fullmatch(text):
        return _from_epoch(float(text))
    try:
        time = datetime.fromisoformat(text.replace("/", "-") if text[4:5] == "/" else text)
    except ValueError:
        raise ValueError("not a time (write ISO 8601, like 2024-05-01T12:00:00Z)") from None
    return _in_utc(time)


def _from_epoch(number: float) -> datetime:
    if number >= MICROSECONDS_FROM:
        number /= 1e6
    elif number >= MILLISECONDS_FROM:
        number /= 1e3
    try:
        return datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError("not a time: out of range") from None


def _in_utc(time: datetime) -> datetime:
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:  # the first and the last day that Python counts, in a zone
        raise ValueError("not a time: out of range") from None

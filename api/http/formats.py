"""Numbers, money and times as people read them: the filters of the templates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

SYMBOLS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "TRY": "₺",
    "BRL": "R$",
}
NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})  # ISO 4217 exponent 0
UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
FEW_LEFT = 5


def money(value: float, currency: str | None = None) -> str:
    """`1299.9, "EUR"` → `€1,299.90`; `980, "JPY"` → `¥980`; `12, "CHF"` → `CHF 12.00`."""
    amount = f"{value:,.0f}" if currency in NO_MINOR_UNIT else f"{value:,.2f}"
    if not currency:
        return amount
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{amount}" if symbol else f"{currency} {amount}"


def compact(count: float) -> str:
    """`950` → `950`; `1234` → `1.2K`; `45_100` → `45K`; `1_200_000` → `1.2M`."""
    for unit, letter in UNITS:
        if count >= unit * 0.9995:  # 999,950 reads as 1M, not as 1000K
            digits = 1 if count < unit * 9.95 else 0
            return f"{count / unit:.{digits}f}".removesuffix(".0") + letter
    return f"{count:.0f}"


def duration(seconds: float) -> str:
    """`65` → `1:05`; `3725` → `1:02:05`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def moment(text: str) -> str:
    """`2025-11-22T18:00:00+00:00` → `Sat 22 Nov, 18:00 UTC`."""
    time = datetime.fromisoformat(text).astimezone(UTC)
    return f"{time:%a} {time.day} {time:%b, %H:%M} UTC"


def day(text: str) -> str:
    """`2025-03-01T12:00:00+00:00` → `1 Mar 2025`."""
    time = datetime.fromisoformat(text)
    return f"{time.day} {time:%b %Y}"


def half_stars(rating: float) -> int:
    """A rating of 0 to 5 in half stars: `4.3` → `9`."""
    return max(0, min(10, round(rating * 2)))


def stock(pieces: int) -> str:
    """What a shopper wants to know of the stock."""
    if pieces <= 0:
        return "Out of stock"
    return f"Only {pieces} left" if pieces <= FEW_LEFT else "In stock"


def discount(price: float, list_price: float) -> int:
    """The discount in whole percent; 0 when there is none."""
    return int(100 * (1 - price / list_price)) if list_price > price >= 0 else 0


def score(value: float) -> str:
    """A score with four significant digits: `18.23`, `0.8312`."""
    return f"{value:.4g}"


def milliseconds(value: float) -> str:
    """`3.217` → `3.2 ms`."""
    return f"{value:.1f} ms"


def pretty(value: Any) -> str:
    """JSON to read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


FILTERS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (money, compact, duration, moment, day, half_stars, stock, discount, score, milliseconds, pretty)
}

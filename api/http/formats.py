"""Numbers, money and times as people of a language read them: the filters of the templates."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from api.http.i18n import N_, Words
from stack.documents import CATEGORY_SEPARATOR

FEW_LEFT = 5
# Values of filters that are words of ours, not of a catalogue.
STATUS = {"live": N_("Live"), "scheduled": N_("Scheduled"), "replay": N_("Replay"), "ended": N_("Ended")}


class Formats:
    """The filters in one language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self._locale = words.locale
        # Of the language, not of its country: Britain writes US$12 and JP¥980.
        self._money_locale = words.locale.language

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Every filter by its name."""
        here = (
            self.money, self.number, self.decimal, self.compact, self.percent, self.moment, self.day, self.stock,
            self.country,
        )  # fmt: skip
        anywhere = (duration, half_stars, discount, score, milliseconds, pretty)
        return {function.__name__: function for function in (*here, *anywhere)}

    def money(self, value: float, currency: str | None = None) -> str:
        """`1299.9, "EUR"` → `€1,299.90`; `980, "JPY"` → `¥980`; `12, "CHF"` → `CHF12.00`."""
        if not currency:
            return str(format_decimal(value, "#,##0.00", locale=self._locale))
        return format_currency(value, currency, locale=self._money_locale)

    def number(self, value: float) -> str:
        """`12345` → `12,345`."""
        return format_decimal(value, locale=self._locale)

    def decimal(self, value: float) -> str:
        """With one digit: `4.6`, `4.0`."""
        return format_decimal(value, "0.0", locale=self._locale)

    def compact(self, count: float) -> str:
        """`950` → `950`; `1234` → `1.2K`; `45_100` → `45K`; `1_200_000` → `1.2M`."""
        if count < 1000:
            return format_decimal(round(count), locale=self._locale)
        power = int(math.log10(count))
        rounded = round(count, 2 - power)  # 999,950 reads as 1M, not as 1000K
        whole = rounded / 1000 ** int(math.log(rounded, 1000) + 1e-9)
        return format_compact_decimal(rounded, fraction_digits=int(whole < 9.95), locale=self._locale)

    def percent(self, whole: int) -> str:
        """`32` → `32%`."""
        return format_percent(whole / 100, locale=self._locale)

    def moment(self, text: str) -> str:
        """`2025-11-22T18:00:00+00:00` → `Sat 22 Nov, 18:00 UTC`."""
        time = datetime.fromisoformat(text).astimezone(UTC)
        day = format_skeleton("EdMMM", time, locale=self._locale)
        return f"{day}, {format_time(time, 'short', locale=self._locale)} UTC"

    def day(self, text: str) -> str:
        """`2025-03-01T12:00:00+00:00` → `1 Mar 2025`."""
        return format_date(datetime.fromisoformat(text), "medium", locale=self._locale)

    def country(self, code: str) -> str:
        """`DE` → `Germany`; what is no country stays."""
        return str(self._locale.territories.get(code, code))

    def value(self, field: str, value: str) -> str:
        """A filter's value: `status`, `live` → `Live`; `language`, `de` → `German`; a path by ` › `."""
        if field == "status" and value in STATUS:
            return self.words.gettext(STATUS[value])
        if field == "language":
            return str(self._locale.languages.get(value, value))
        return " › ".join(value.split(CATEGORY_SEPARATOR)) if field == "category" else value

    def between(self, low: str | None, high: str | None) -> str:
        """`10 – 50`, `from 10`, `up to 50`; empty when nothing is given."""
        if low and high:
            return f"{low} – {high}"
        if low:
            return self.words.gettext("from %(price)s", price=low)
        return self.words.gettext("up to %(price)s", price=high) if high else ""

    def stock(self, pieces: int) -> str:
        """What a shopper wants to know of the stock."""
        if pieces <= 0:
            return self.words.gettext("Out of stock")
        if pieces <= FEW_LEFT:
            return self.words.ngettext("Only %(num)s left", "Only %(num)s left", pieces)
        return self.words.gettext("In stock")


def duration(seconds: float) -> str:
    """`65` → `1:05`; `3725` → `1:02:05`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def half_stars(rating: float) -> int:
    """A rating of 0 to 5 in half stars: `4.3` → `9`."""
    return max(0, min(10, round(rating * 2)))


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

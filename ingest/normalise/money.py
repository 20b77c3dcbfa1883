"""Prices: `"1.299,00 €"`, `"$12.99"`, `"USD 12"`, `12.99` → amount and ISO 4217 code."""

from __future__ import annotations

import re
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies

from ingest.normalise.numbers import number

# The codes of ISO 4217 that are money somewhere today, as CLDR has them, and three that the standard still lists.
LISTED_STILL = frozenset({"ANG", "SVC", "VED"})
CODES = LISTED_STILL.union(*map(get_territory_currencies, get_global("territory_currencies")))
# What a sign may stand for; the first is meant where nothing else says it.
DOLLARS = "USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
SIGNS = {
    sign: tuple(codes.split())
    for sign, codes in {
        "€": "EUR", "$": DOLLARS, "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD",
        "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "£": "GBP EGP FKP GIP SHP SSP SYP",
        "¥": "JPY CNY", "CN¥": "CNY", "元": "CNY", "円": "JPY", "₹": "INR", "RS.": "INR PKR LKR NPR MUR",
        "₩": "KRW KPW", "₽": "RUB", "₺": "TRY", "₫": "VND", "₪": "ILS", "₦": "NGN", "₱": "PHP", "₴": "UAH",
        "฿": "THB", "ZŁ": "PLN", "KČ": "CZK",
        "FT": "HUF", "FR.": "CHF", "KR": "SEK NOK DKK ISK", "KR.": "DKK NOK SEK ISK", "EURO": "EUR", "EUROS": "EUR",
    }.items()
}  # fmt: skip
AMBIGUOUS = frozenset({"KR", "KR.", "RS."})  # no sensible default: the record must name the currency
AMOUNT = re.compile(r"[+-]?\d[\d.,'’\s]*")
DASH_CENTS = re.compile(r"[.,][-–—]+\s*(?=\D*\Z)")  # "12,- €"


def currency_codes(text: str) -> tuple[str, ...]:
    """A code or a sign → the codes it may stand for, likeliest first. Raises ValueError when there is none."""
    key = text.strip().upper()
    if key in CODES:
        return (key,)
    if key in SIGNS:
        return SIGNS[key]
    raise ValueError("not a currency (write an ISO 4217 code, like EUR)")


def price(value: Any) -> tuple[float, str]:
    """An amount and the currency mark beside it (empty when there is none). Raises ValueError when it is no amount."""
    if not isinstance(value, str):
        return number(value), ""
    text = DASH_CENTS.sub("", value.replace("\u00a0", " ").strip())
    found = AMOUNT.search(text)
    if found is None:
        raise ValueError("not an amount of money")
    mark = (text[: found.start()] + text[found.end() :]).strip()
    if mark:
        currency_codes(mark)
    return _amount(found.group().strip(), bool(mark)), mark


def _amount(digits: str, with_mark: bool) -> float:
    """Read separators.

    Of two kinds the last is the decimal one. One kind, repeated, groups thousands. A single comma before exactly three
    digits groups thousands; so does a single dot, but only beside a currency mark ("1.299 €"): a bare "1.299" was
    written by a machine, for which the dot is always decimal.
    """
    digits = re.sub(r"[\s'’]", "", digits)
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        decimal = max(".,", key=digits.rfind)
    elif dots + commas == 1:
        mark = "." if dots else ","
        whole, _, rest = digits.partition(mark)
        grouped = len(rest) == 3 and whole.strip("+-0") != "" and (mark == "," or with_mark)
        decimal = "" if grouped else mark
    else:
        decimal = ""
    plain = "".join("." if sign == decimal else sign for sign in digits if sign not in ".," or sign == decimal)
    try:
        return float(plain)
    except ValueError:
        raise ValueError("not an amount of money") from None

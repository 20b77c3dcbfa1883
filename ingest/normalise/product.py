"""What a product has beyond plain fields: prices with their currency, and attributes from many columns."""

from __future__ import annotations

from typing import Any

from ingest.columns import ATTRIBUTE_PREFIX
from ingest.normalise.attributes import Value, attribute_name, attribute_value, merge
from ingest.normalise.fields import json_object
from ingest.normalise.money import AMBIGUOUS, currency_codes, price
from stack.errors import Mistake

MONEY = ("price", "list_price", "currency")


def money(raw: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Any]:
    """Amounts and their one currency. What is written beside an amount must agree with the field `currency`."""
    found: dict[str, Any] = {}
    marks: list[tuple[str, str]] = []
    for name in ("price", "list_price"):
        if raw.get(name) in (None, ""):
            continue
        try:
            found[name], mark = price(raw[name])
        except ValueError as error:
            mistakes.append(Mistake(name, str(error)))
            continue
        if mark:
            marks.append((name, mark))
    if raw.get("currency") not in (None, ""):
        marks.insert(0, ("currency", str(raw["currency"])))
    if currency := _one_currency(marks, mistakes):
        found["currency"] = currency
    return found


def _one_currency(marks: list[tuple[str, str]], mistakes: list[Mistake]) -> str | None:
    possible: tuple[str, ...] = ()
    for name, mark in marks:
        try:
            codes = currency_codes(mark)
        except ValueError as error:
            mistakes.append(Mistake(name, str(error)))
            continue
        both = tuple(code for code in possible if code in codes) if possible else codes
        if not both:
            mistakes.append(Mistake(name, "is in another currency than the record"))
            continue
        possible = both
    if len(possible) > 1 and all(mark.strip().upper() in AMBIGUOUS for _, mark in marks):
        mistakes.append(Mistake(marks[0][0], "a sign of several currencies: name one in the field currency"))
        return None
    return possible[0] if possible else None


def attributes(raw: dict[str, Any], mistakes: list[Mistake]) -> dict[str, Value]:
    """The field `attributes` and all `attr_*` and `attributes.*` columns, under their readable names."""
    found: dict[str, Value] = {}
    for column, value in _columns(raw, mistakes):
        if value is None or value == "":
            continue
        name = attribute_name(column)
        try:
            clean_value = attribute_value(column, value)
        except ValueError as error:
            mistakes.append(Mistake(f"attributes.{name}", str(error)))
            continue
        if clean_value is not None and name:
            merge(found, name, clean_value)
    return found


def _columns(raw: dict[str, Any], mistakes: list[Mistake]) -> list[tuple[str, Any]]:
    columns: list[tuple[str, Any]] = []
    if raw.get("attributes") not in (None, ""):
        try:
            columns += json_object(raw["attributes"]).items()
        except ValueError as error:
            mistakes.append(Mistake("attributes", str(error)))
    for name, value in raw.items():
        if name.startswith("attr_"):
            columns.append((name, value))
        elif name.startswith(ATTRIBUTE_PREFIX):
            columns.append((name.removeprefix(ATTRIBUTE_PREFIX), value))
    return columns

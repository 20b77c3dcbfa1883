"""Raw values of a record → the values of a document: `normalise(kind, raw) -> (fields, mistakes, unknown names)`."""

from __future__ import annotations

from typing import Any

from ingest.columns import is_attribute
from ingest.normalise.fields import CLEANERS, OTHER_NAMES
from ingest.normalise.product import MONEY, attributes, money
from stack.documents import DocumentKind
from stack.errors import Mistake

EMPTY: tuple[Any, ...] = (None, "", (), [])


def normalise(kind: DocumentKind, raw: dict[str, Any]) -> tuple[dict[str, Any], list[Mistake], list[str]]:
    """Clean every field. Returns what is not empty, every mistake, and the names that are no field of this kind.

    An empty value is left out: absent never means zero.
    """
    cleaners = CLEANERS[kind]
    if kind in OTHER_NAMES:
        raw = _renamed(raw, OTHER_NAMES[kind])
    fields: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    unknown: list[str] = []
    for name, value in raw.items():
        cleaner = cleaners.get(name)
        if cleaner is None:
            if kind != "product" or not (name in MONEY or name == "attributes" or is_attribute(name)):
                unknown.append(name)
            continue
        if value is None or value == "":
            continue
        try:
            cleaned = cleaner(value)
        except ValueError as error:
            mistakes.append(Mistake(name, str(error)))
            continue
        if cleaned not in EMPTY:
            fields[name] = cleaned
    if kind == "product":
        fields |= money(raw, mistakes)
        if values := attributes(raw, mistakes):
            fields["attributes"] = values
    return fields, mistakes, unknown


def _renamed(raw: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The record with the fields' own names: `name` → `title`, unless it has a title too."""
    found: dict[str, Any] = {}
    for name, value in raw.items():
        own = names.get(name, name)
        found[name if own != name and (own in raw or own in found) else own] = value
    return found

"""Attributes with their units: catalogues keep the unit in the name, people read it behind the number."""

from __future__ import annotations

from stack.documents import is_measure


def unit_of(name: str) -> tuple[str, str]:
    """`"content ml"` → `("content", "ml")`; `"year"` → `("year", "")`."""
    what, _, unit = name.rpartition(" ")
    return (what, unit) if what and is_measure(f"1{unit}") else (name, "")

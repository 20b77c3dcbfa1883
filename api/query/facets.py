"""Facets: counts within the matching documents. A facet that is filtered on ignores its own filter (disjunctive)."""

from __future__ import annotations

import re
from typing import Any

from api.query.fields import ATTRIBUTE, Field


def facet_aggregation(field: Field, size: int) -> dict[str, Any]:
    """The aggregation that counts one field."""
    terms: dict[str, Any] = {"field": field.field, "size": size}
    if field.name.startswith(ATTRIBUTE):
        terms["include"] = escaped(field.label + "=") + ".*"
    return {"terms": terms}


def escaped(text: str) -> str:
    """The text as a pattern of the engine that matches nothing else."""
    return re.sub(r"([.?+*|{}\[\]()\"\\#@&<>~])", r"\\\1", text)


def aggregation_name(facet: str) -> str:
    """The name of a facet's aggregation: the facet's own, without the characters that the engine keeps for itself."""
    return re.sub(r"[\[\]>%]", lambda found: f"%{ord(found[0]):02X}", facet)


def facet_groups(facets: list[str], filtered: set[str]) -> list[tuple[str | None, list[str]]]:
    """`[brand, colour, seller]` with a filter on brand → `[(None, [colour, seller]), ("brand", [brand])]`.

    Each group is one search: the first part is the filter that it leaves out. The first group is always there: it also
    counts the total.
    """
    free = [name for name in facets if name not in filtered]
    groups: list[tuple[str | None, list[str]]] = [(None, free)]
    return groups + [(name, [name]) for name in facets if name in filtered]


def facet_value(field: Field, bucket: dict[str, Any]) -> str | bool | float:
    """The value of a bucket, as a filter takes it."""
    if field.type == "flag":
        return str(bucket.get("key_as_string", bucket["key"])) == "true"
    key: str | float = bucket["key"]
    return str(key).removeprefix(f"{field.label}=") if field.name.startswith(ATTRIBUTE) else key

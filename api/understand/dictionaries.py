"""What can be recognised in a query by its words alone: brands, categories, attribute values, people."""

from __future__ import annotations

from dataclasses import dataclass

from api.understand.model import SpanType


@dataclass(frozen=True)
class Entry:
    """A run of words (`text`, folded, one space between) and what it names.

    `value` is as the index holds it, `field` the public name of the field that holds it (`mappings/fields.yml`, like
    `brand` or `attr.product colour`; None: no field does), `count` the documents that have it.

    A text may stand for several things (`orange` is a colour and a brand): one entry a type, most documents first.
    """

    text: str
    type: SpanType
    value: str
    field: str | None
    count: int

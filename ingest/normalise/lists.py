"""Lists of words from what files hold: arrays, JSON in a CSV cell, `a|b`, `#one #two`."""

from __future__ import annotations

import re
from typing import Any

import orjson

from ingest.normalise.text import clean

TAGS = re.compile(r"[|,;]")


def items(value: Any) -> list[Any]:
    """The entries of a list; a text is JSON when it starts with `[`, else entries between `|`."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                raise ValueError("starts with [ but is not a JSON array") from None
        else:
            value = text.split("|")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError("not a list")
    return [entry for entry in value if entry not in (None, "")]


def labels(value: Any) -> tuple[str, ...]:
    """Clean texts, each once, in their order. Raises ValueError for an entry that is no text or number."""
    return tuple(dict.fromkeys(text for text in map(_label, items(value)) if text))


def hashtags(value: Any) -> tuple[str, ...]:
    """Tags without `#`; a text may hold them between `|`, `,`, `;`, or one after the other with `#`."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        value = value.split() if value.lstrip().startswith("#") and "," not in value else TAGS.split(value)
    return tuple(dict.fromkeys(tag for tag in (_label(entry).lstrip("#").strip() for entry in items(value)) if tag))


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("holds an entry that is no text")
    return clean(str(value))

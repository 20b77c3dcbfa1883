"""What a typed line can be completed to, other than the title of a product."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from api.suggest.letters import key_of
from api.suggest.model import SuggestionKind


@dataclass(frozen=True, slots=True)
class Completion:
    """`key` is the folded text; `worth`, 0 to 1, says how well known it is among its kind."""

    kind: SuggestionKind
    text: str
    key: str
    worth: float
    href: str
    detail: str | None = None


def search_href(**parameters: str) -> str:
    """`search_href(q="usb cable")` → `/search?q=usb+cable`."""
    return f"/search?{urlencode(parameters)}"


def filter_href(field: str, value: str) -> str:
    """A browse of everything with one value."""
    return search_href(**{f"filter.{field}": value})


def page_href(kind: str, id_: str) -> str:
    """`("items/product", "4711")` → `/items/product/4711`."""
    return f"/{kind}/{quote(id_, safe='')}"


@dataclass(frozen=True, slots=True)
class Counted:
    """A text with what speaks for it, before it is compared with its kind."""

    text: str
    count: float
    href: str
    detail: str | None = None


def completions(kind: SuggestionKind, found: Iterable[Counted], most: int, factor: float = 1.0) -> list[Completion]:
    """The `most` frequent ones, their worth on a logarithmic scale beside the most frequent; texts without a letter or
    a digit are left out. Equal counts stand by their text: the same input gives the same list.
    """
    ordered = sorted(found, key=lambda each: (-each.count, each.text, each.href))[:most]
    top = math.log1p(max((each.count for each in ordered), default=0.0)) or 1.0
    return [
        Completion(kind, each.text, key, round(factor * math.log1p(each.count) / top, 6), each.href, each.detail)
        for each in ordered
        if (key := key_of(each.text))
    ]

"""What the search page shows, worked out from the request and the answer. Pure: the templates only draw it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from api.http.formats import Formats
from api.http.i18n import N_, Words
from api.http.links import for_types, search_url, without
from api.http.query_params import text
from api.model import Answer, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import KINDS, Kind

TAB_LABELS: dict[Kind, str] = {"product": N_("Products"), "video": N_("Videos"), "live": N_("Lives")}
PAGES_AROUND = 2
REDUCED = "list_price"
"""A filter on it without an upper bound asks for what has a list price at all: for reduced prices."""


@dataclass(frozen=True)
class Link:
    """An address with its words. `count` is None where it is not known."""

    label: str
    href: str
    current: bool = False
    count: int | None = None
    exact: bool = True


@dataclass(frozen=True)
class Chip:
    """A filter in force and the address without it. A flag has no label, its value says all."""

    label: str
    value: str
    href: str


@dataclass(frozen=True)
class Paging:
    """Pages that can be reached; a None among them is a gap."""

    pages: list[Link | None]
    previous: str | None
    next: str | None


def tabs(asked: SearchRequest, answer: Answer, fields: FieldCatalog, words: Words) -> list[Link]:
    """All and each type, with totals where this search counted them."""
    chosen = sorted(asked.types)
    everything = chosen == sorted(KINDS)
    total = sum(answer.totals[kind].value for kind in KINDS if kind in answer.totals)
    exact = all(one.exact for one in answer.totals.values())
    href = search_url(asked, types=list(KINDS))
    every = Link(words.gettext("All"), href, everything, total if everything else None, exact)
    return [every, *(_tab(asked, answer, kind, fields, words) for kind in KINDS)]


def _tab(asked: SearchRequest, answer: Answer, kind: Kind, fields: FieldCatalog, words: Words) -> Link:
    total = answer.totals.get(kind)
    label, href = words.gettext(TAB_LABELS[kind]), for_types(asked, [kind], fields)
    count, exact = (total.value, total.exact) if total else (None, True)
    return Link(label, href, asked.types == [kind], count, exact)


def chips(asked: SearchRequest, fields: FieldCatalog, formats: Formats) -> list[Chip]:
    """One chip a filter value, one for a range."""
    found, words = [], formats.words
    for field, value in asked.filters.items():
        known = fields.find(field)
        label = words.gettext(known.label) if known else field
        if isinstance(value, RangeFilter):
            href = search_url(asked, filters=without(asked.filters, field))
            reduced = field == REDUCED and value.lte is None
            chip = ("", words.gettext("Deals")) if reduced else (label, _range(value, formats))
            found.append(Chip(*chip, href))
            continue
        for one in value if isinstance(value, list) else [value]:
            href = search_url(asked, filters=without(asked.filters, field, one))
            flag = text(one) == "true"  # "In stock" says more than "In stock: true"
            found.append(Chip("", label, href) if flag else Chip(label, formats.value(field, text(one)), href))
    return found


def _range(value: RangeFilter, formats: Formats) -> str:
    low, high = (None if bound is None else text(bound) for bound in (value.gte, value.lte))
    return formats.between(low, high)


def paging(asked: SearchRequest, answer: Answer) -> Paging:
    """First, last, and those around the current page."""
    last = ceil(answer.reachable / asked.size) if asked.size else 0
    here = asked.page
    near = {1, last, *range(here - PAGES_AROUND, here + PAGES_AROUND + 1)}
    pages: list[Link | None] = []
    for number in sorted(one for one in near if 1 <= one <= last):
        if pages and pages[-1] and number - int(pages[-1].label) > 1:
            pages.append(None)
        pages.append(Link(str(number), search_url(asked, page=number), number == here))
    return Paging(
        pages if last > 1 else [],
        search_url(asked, page=min(here - 1, last)) if here > 1 and last else None,
        search_url(asked, page=here + 1) if here < last else None,
    )


def hints(asked: SearchRequest, words: Words) -> list[Link]:
    """What to try when nothing was found, the likeliest first."""
    found = []
    written = asked.q.split()
    if asked.filters:
        found.append(Link(words.gettext("Drop all filters"), search_url(asked, filters={})))
    if sorted(asked.types) != sorted(KINDS):
        href = search_url(asked, types=list(KINDS))
        found.append(Link(words.gettext("Search products, videos and lives"), href))
    if len(written) > 1:
        fewer = " ".join(written[:-1])
        found.append(Link(words.gettext("Try fewer words: “%(words)s”", words=fewer), search_url(asked, q=fewer)))
    return [*found, Link(words.gettext("See what is popular"), search_url(SearchRequest()))]


def stages(answer: Answer) -> list[dict[str, Any]]:
    """The stages as a waterfall: where each begins and how long it is, in percent of their sum."""
    whole = sum(stage.took_ms for stage in answer.stages) or 1.0
    rows, start = [], 0.0
    for stage in answer.stages:
        share = 100 * stage.took_ms / whole
        rows.append({"stage": stage, "start": round(start, 2), "width": round(max(share, 0.5), 2)})
        start += share
    return rows

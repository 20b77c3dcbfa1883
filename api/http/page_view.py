"""What the search page shows, worked out from the request and the answer. Pure: the templates only draw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from markupsafe import Markup

from api.http.artwork import icon_of, tone_of
from api.http.highlights import plain, to_html
from api.http.links import for_types, item_url, search_url, without
from api.http.query_params import text
from api.model import Answer, Hit, RangeFilter, SearchRequest
from api.query.fields import FieldCatalog
from stack.documents import KINDS, Kind

TAB_LABELS: dict[Kind, str] = {"product": "Products", "video": "Videos", "live": "Lives"}
PAGES_AROUND = 2
SNIPPET_FIELDS = ("description", "transcript", "on_screen_text", "attribute_text")


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
class Card:
    """One hit, ready to draw."""

    hit: Hit
    title: Markup
    snippet: Markup | None
    href: str
    icon: str
    tone: int


@dataclass(frozen=True)
class Paging:
    """Pages that can be reached; a None among them is a gap."""

    pages: list[Link | None]
    previous: str | None
    next: str | None


def tabs(asked: SearchRequest, answer: Answer, fields: FieldCatalog) -> list[Link]:
    """All and each type, with totals where this search counted them."""
    chosen = sorted(asked.types)
    everything = chosen == sorted(KINDS)
    total = sum(answer.totals[kind].value for kind in KINDS if kind in answer.totals)
    exact = all(one.exact for one in answer.totals.values())
    every = Link("All", search_url(asked, types=list(KINDS)), everything, total if everything else None, exact)
    return [every, *(_tab(asked, answer, kind, fields) for kind in KINDS)]


def _tab(asked: SearchRequest, answer: Answer, kind: Kind, fields: FieldCatalog) -> Link:
    total = answer.totals.get(kind)
    href, current = for_types(asked, [kind], fields), asked.types == [kind]
    return Link(TAB_LABELS[kind], href, current, total.value if total else None, total.exact if total else True)


def chips(asked: SearchRequest, fields: FieldCatalog) -> list[Chip]:
    """One chip a filter value, one for a range."""
    found = []
    for field, value in asked.filters.items():
        known = fields.find(field)
        label = known.label if known else field
        if isinstance(value, RangeFilter):
            found.append(Chip(label, _range_words(value), search_url(asked, filters=without(asked.filters, field))))
            continue
        for one in value if isinstance(value, list) else [value]:
            href = search_url(asked, filters=without(asked.filters, field, one))
            flag = text(one) == "true"  # "In stock" says more than "In stock: true"
            found.append(Chip("", label, href) if flag else Chip(label, text(one), href))
    return found


def _range_words(value: RangeFilter) -> str:
    low, high = (None if bound is None else text(bound) for bound in (value.gte, value.lte))
    if low and high:
        return f"{low} – {high}"
    return f"from {low}" if low else f"up to {high}"


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


def cards(answer: Answer) -> list[Card]:
    return [
        Card(
            hit=hit,
            title=_title(hit),
            snippet=_snippet(hit),
            href=item_url(hit.type, hit.id),
            icon=icon_of(hit.document),
            tone=tone_of(hit.document),
        )
        for hit in answer.hits
    ]


def _title(hit: Hit) -> Markup:
    """The highlighted title when the highlight is the whole of it; the engine may give a fragment only."""
    whole = str(hit.document.get("title", hit.id))
    for fragment in _fragments(hit, "title"):
        if plain(fragment) == whole:
            return _marked(fragment)
    return _marked(whole)


def _snippet(hit: Hit) -> Markup | None:
    for field in SNIPPET_FIELDS:
        for fragment in _fragments(hit, field):
            return _marked(fragment)
    return None


def _fragments(hit: Hit, field: str) -> Sequence[str]:
    """Highlights of a field, from whichever of its language subfields matched (`title.en`)."""
    return [one for name, found in hit.highlights.items() if name.split(".")[0] == field for one in found]


def _marked(words: str) -> Markup:
    return Markup(to_html(words, "mark"))  # noqa: S704 -- to_html escapes before it adds its tags


def hints(asked: SearchRequest) -> list[Link]:
    """What to try when nothing was found, the likeliest first."""
    found = []
    words = asked.q.split()
    if asked.filters:
        found.append(Link("Drop all filters", search_url(asked, filters={})))
    if sorted(asked.types) != sorted(KINDS):
        found.append(Link("Search products, videos and lives", search_url(asked, types=list(KINDS))))
    if len(words) > 1:
        fewer = " ".join(words[:-1])
        found.append(Link(f"Try fewer words: “{fewer}”", search_url(asked, q=fewer)))
    return [*found, Link("See what is popular", search_url(SearchRequest()))]


def stages(answer: Answer) -> list[dict[str, Any]]:
    """The stages as a waterfall: where each begins and how long it is, in percent of their sum."""
    whole = sum(stage.took_ms for stage in answer.stages) or 1.0
    rows, start = [], 0.0
    for stage in answer.stages:
        share = 100 * stage.took_ms / whole
        rows.append({"stage": stage, "start": round(start, 2), "width": round(max(share, 0.5), 2)})
        start += share
    return rows

"""What the pages of one product, video, live, seller or creator show, worked out from documents. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.http.artwork import may_show, tone_of
from api.http.links import item_url, profile_url, search_url
from api.http.measures import unit_of
from api.http.page_cards import Card, Shown, cards, differences
from api.model import Hit, SearchRequest
from stack.documents import Kind, ProfileKind, category_prefixes

Stored = Mapping[str, Any]
NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class Crumb:
    label: str
    href: str


@dataclass(frozen=True)
class Variant:
    """A listing of the same model: what sets it apart, and whether it is the one of this page."""

    label: str
    href: str
    current: bool
    picture: str | None
    gone: bool


@dataclass(frozen=True)
class Moment:
    """A product in a video, from one second to another; `jump` is the clip from there."""

    card: Card
    from_s: float | None
    jump: str | None


@dataclass(frozen=True)
class Rail:
    """A row of cards under a heading, and where there is more."""

    title: str
    cards: list[Card]
    more: str | None = None


@dataclass(frozen=True)
class Face:
    """Somebody's picture, or the first letter of the name on a tone."""

    name: str
    href: str | None
    picture: str | None
    tone: int


def crumbs(document: Stored) -> list[Crumb]:
    """The category path, each part leading to its shelf."""
    path = tuple(document.get("category") or ())
    return [
        Crumb(label, search_url(SearchRequest(filters={"category": prefix})))
        for label, prefix in zip(path, category_prefixes(path), strict=True)
    ]


def pictures(document: Stored, hosts: Collection[str]) -> list[str]:
    """The pictures that a page may load, each once."""
    urls = [url for url in document.get("images") or () if isinstance(url, str) and may_show(url, hosts)]
    return list(dict.fromkeys(urls))


def variants(document: Stored, siblings: Sequence[Hit], shown: Shown) -> list[Variant]:
    """All listings of its model, this one among them, by what sets them apart. None when it is the only one."""
    labels = differences(siblings)
    found = [
        Variant(
            labels[hit.id],
            item_url(hit.type, hit.id),
            hit.id == document["id"],
            shown.picture(hit.document),
            hit.document.get("in_stock") is False,
        )
        for hit in siblings
        if labels.get(hit.id)
    ]
    return sorted(found, key=_by_size) if len(found) > 1 else []


def _by_size(variant: Variant) -> tuple[float, str]:
    """Amounts by their number, `15 ml` before `100 ml`; words by the alphabet behind them."""
    number = NUMBER.match(variant.label)
    return (float(number[0]) if number else math.inf, variant.label.casefold())


def details(document: Stored) -> list[tuple[str, Any, str]]:
    """Each attribute as name, value and unit: `content ml: 30` → `("content", 30, "ml")`."""
    attributes = document.get("attributes") or {}
    return [
        (unit_of(name)[0], value, unit_of(name)[1]) if _is_number(value) else (name, value, "")
        for name, value in attributes.items()
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_hits(kind: Kind, documents: Sequence[Stored]) -> list[Hit]:
    """Documents that nobody searched for, as the cards take them."""
    return [
        Hit(
            type=kind,
            id=str(document["id"]),
            position=place,
            score=0.0,
            routes={},
            highlights={},
            document=dict(document),
        )
        for place, document in enumerate(documents, start=1)
    ]


def moments(video: Stored, products: Mapping[str, Stored], shown: Shown) -> list[Moment]:
    """The products of a video in the order in which it shows them; those that are gone are left out."""
    links = [link for link in video.get("products") or () if link["id"] in products]
    links.sort(key=lambda link: (link.get("from_s") is None, link.get("from_s") or 0.0))
    drawn = cards(as_hits("product", [products[link["id"]] for link in links]), shown)
    media = playable(video)
    return [
        Moment(
            card,
            link.get("from_s"),
            f"{media}#t={link['from_s']:g}" if media and link.get("from_s") is not None else None,
        )
        for card, link in zip(drawn, links, strict=True)
    ]


def bag(live: Stored, products: Mapping[str, Stored], shown: Shown) -> tuple[Card | None, list[Card]]:
    """The product that a room on air shows now, and the others of its bag; off air, all are of its bag."""
    ids = dict.fromkeys(id for id in (live.get("product_now"), *(live.get("products") or ())) if id in products)
    drawn = cards(as_hits("product", [products[id] for id in ids]), shown)
    if drawn and live.get("status") == "live" and drawn[0].hit.id == live.get("product_now"):
        return drawn[0], drawn[1:]
    return None, drawn


def playable(video: Stored) -> str | None:
    """The clip, when it is a file of ours: what lies elsewhere is not loaded by our pages."""
    url = video.get("media")
    return url if isinstance(url, str) and may_show(url, ()) else None


def captions(video: Stored) -> str | None:
    url = video.get("captions")
    return url if isinstance(url, str) and may_show(url, ()) else None


def face(kind: ProfileKind, id: str | None, name: str | None, profile: Stored | None, shown: Shown) -> Face | None:
    """Who is behind an item: with a page when the profile is known, else only by name."""
    title = str(profile["title"]) if profile else name
    if not title:
        return None
    known = profile or {"id": id or title}
    href = profile_url(kind, str(id)) if profile and id else None
    return Face(title, href, shown.picture(known), tone_of(known))

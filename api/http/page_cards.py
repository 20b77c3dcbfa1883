"""Cards: hits ready to draw, each kind with what belongs to it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from api.http.artwork import icon_of, picture_of, tone_of
from api.http.highlights import START, plain, to_html
from api.http.links import item_url
from api.http.measures import unit_of
from api.model import Hit

SNIPPET_FIELDS = ("description", "transcript", "on_screen_text", "attribute_text")
AT_ONCE = 4
"""Pictures that are loaded before anybody scrolls; the first of them before all else."""
OPTIONS = 4


@dataclass(frozen=True)
class Shown:
    """What cards may show beside their documents: pictures of these hosts, and the products that rooms show now.

    `first` is whether these cards stand at the top of the page, where their pictures are wanted at once.
    """

    hosts: Collection[str] = ()
    products: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first: bool = True

    def picture(self, document: Mapping[str, Any]) -> str | None:
        return picture_of(document, self.hosts)


@dataclass(frozen=True)
class Option:
    """Another listing of the same model: how it differs, and its address."""

    label: str
    href: str


@dataclass(frozen=True)
class OnShow:
    """The product that a room shows now."""

    document: Mapping[str, Any]
    href: str
    picture: str | None
    icon: str
    tone: int


@dataclass(frozen=True)
class Card:
    """One hit, ready to draw. `loading` is when its picture is: `first`, `soon` or `lazy`."""

    hit: Hit
    title: Markup
    snippet: Markup | None
    href: str
    icon: str
    tone: int
    picture: str | None
    loading: str
    options: list[Option]
    on_show: OnShow | None


def cards(hits: Sequence[Hit], shown: Shown) -> list[Card]:
    """The cards of a row, in its order."""
    return [
        Card(
            hit=hit,
            title=_title(hit),
            snippet=_snippet(hit),
            href=item_url(hit.type, hit.id),
            icon=icon_of(hit.document),
            tone=tone_of(hit.document),
            picture=shown.picture(hit.document),
            loading=_loading(place, shown.first),
            options=_options(hit, hits),
            on_show=_on_show(hit, shown),
        )
        for place, hit in enumerate(hits)
    ]


def _loading(place: int, first: bool) -> str:
    if not first or place >= AT_ONCE:
        return "lazy"
    return "soon" if place else "first"


def _options(hit: Hit, hits: Sequence[Hit]) -> list[Option]:
    """Other listings of its model on the page, by what sets them apart."""
    group = hit.document.get("group_id")
    others = [other for other in hits if group and other.type == hit.type and other.document.get("group_id") == group]
    labels = differences(others)
    return [
        Option(labels[other.id], item_url(other.type, other.id))
        for other in others
        if other.id != hit.id and labels[other.id]
    ][:OPTIONS]


def differences(hits: Sequence[Hit]) -> dict[str, str]:
    """By id, what sets each of some listings apart from the others: `{a: "Red, M", b: "Blue, M"}`; empty: nothing."""
    names = _differing([_attributes(hit) for hit in hits])
    return {hit.id: ", ".join(filter(None, (_attributes(hit).get(name) for name in names))) for hit in hits}


def _attributes(hit: Hit) -> dict[str, str]:
    given: Mapping[str, Any] = hit.document.get("attributes") or {}
    return {
        name: value if isinstance(value, str) else " ".join(filter(None, (f"{value:g}", unit_of(name)[1])))
        for name, value in given.items()
        if _plain(value)
    }


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _differing(each: Sequence[Mapping[str, str]]) -> list[str]:
    """The names whose values are not the same everywhere: `[{colour: red, size: M}, {colour: blue, size: M}]` →
    `[colour]`."""
    names = dict.fromkeys(name for one in each for name in one)
    return [name for name in names if len({one.get(name) for one in each}) > 1]


def _on_show(hit: Hit, shown: Shown) -> OnShow | None:
    product = shown.products.get(str(hit.document.get("product_now"))) if hit.type == "live" else None
    if product is None:
        return None
    href = item_url("product", str(product["id"]))
    return OnShow(product, href, shown.picture(product), icon_of(product), tone_of(product))


def _title(hit: Hit) -> Markup:
    """The highlighted title when the highlight is the whole of it; the engine may give a fragment only."""
    whole = str(hit.document.get("title", hit.id))
    for fragment in _fragments(hit, "title"):
        if plain(fragment) == whole:
            return _marked(fragment)
    return _marked(whole)


def _snippet(hit: Hit) -> Markup | None:
    """Where the words stand when they do not stand in the title; else a card has enough to read."""
    if any(START in fragment for fragment in _fragments(hit, "title")):
        return None
    for name in SNIPPET_FIELDS:
        for fragment in _fragments(hit, name):
            return _marked(fragment)
    return None


def _fragments(hit: Hit, field: str) -> Sequence[str]:
    """Highlights of a field, from whichever of its language subfields matched (`title.en`)."""
    return [one for name, found in hit.highlights.items() if name.split(".")[0] == field for one in found]


def _marked(words: str) -> Markup:
    return Markup(to_html(words, "mark"))  # noqa: S704 -- to_html escapes before it adds its tags

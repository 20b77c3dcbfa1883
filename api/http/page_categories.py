"""Categories as pages show them: the tree, tiles with a picture, and the way down within a search. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.browse.model import Category
from api.http.artwork import icon_of, tone_of
from api.http.links import search_url
from api.http.page_cards import Shown
from api.model import Answer, FacetValue, Hit, RangeFilter, SearchRequest
from stack.documents import CATEGORY_SEPARATOR, Kind

CATEGORY = "category"
SHOWN = 8
"""Steps down that are seen at once; the others open on demand."""


@dataclass(frozen=True)
class Branch:
    """A category with what is below it, largest first. `value` is the filter's, `Audio > Headphones`."""

    name: str
    value: str
    count: int
    href: str
    icon: str
    tone: int
    children: list[Branch]


@dataclass(frozen=True)
class Tile:
    """A category of the home page; `picture` is one of its products'."""

    branch: Branch
    picture: str | None


@dataclass(frozen=True)
class Step:
    """A category to go to from a search, or the one where it is."""

    name: str
    href: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Way:
    """Where in the tree a search is: the steps back up, and those down (or beside, where there is none below)."""

    up: list[Step]
    down: list[Step]

    @property
    def shown(self) -> list[Step]:
        return self.down[:SHOWN]

    @property
    def folded(self) -> list[Step]:
        return self.down[SHOWN:]


def branches(categories: Sequence[Category], kinds: Sequence[Kind]) -> list[Branch]:
    """The tree with addresses of searches among `kinds`."""
    return [
        Branch(
            name=one.name,
            value=one.value,
            count=one.count,
            href=search_url(SearchRequest(types=list(kinds), filters={CATEGORY: [one.value]})),
            icon=icon_of({"category": one.path}),
            tone=tone_of({"category": one.path}),
            children=branches(one.children, kinds),
        )
        for one in categories
    ]


def tiles(top: Iterable[Branch], hits: Sequence[Hit], shown: Shown) -> list[Tile]:
    """The categories, each with the picture of the first hit that has one."""
    pictures: dict[str, str] = {}
    for hit in hits:
        root = next(iter(hit.document.get("category") or ()), None)
        picture = shown.picture(hit.document) if hit.type == "product" else None
        if root and picture:
            pictures.setdefault(root, picture)
    return [Tile(branch, pictures.get(branch.value)) for branch in top]


def way(asked: SearchRequest, answer: Answer) -> Way | None:
    """The way through the tree from where a search is; None when it is at several places, or nothing is counted."""
    chosen = asked.filters.get(CATEGORY)
    places = [] if chosen is None else [str(one) for one in chosen] if isinstance(chosen, list) else [str(chosen)]
    if len(places) > 1 or isinstance(chosen, RangeFilter):
        return None
    values = _values(answer)
    parts = places[0].split(CATEGORY_SEPARATOR) if places else []
    here = CATEGORY_SEPARATOR.join(parts)
    down = _steps(asked, values, here, "")
    if not down and parts:  # a leaf: what stands beside it
        parts = parts[:-1]
        down = _steps(asked, values, CATEGORY_SEPARATOR.join(parts), here)
    paths = [CATEGORY_SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]
    up = [Step(path.rpartition(CATEGORY_SEPARATOR)[2], _to(asked, path), None, path == here) for path in paths]
    return Way(up, down) if up or down else None


def _steps(asked: SearchRequest, values: Sequence[FacetValue], parent: str, here: str) -> list[Step]:
    return [
        Step(name, _to(asked, str(value.value)), value.count, str(value.value) == here)
        for value in values
        if (name := _child(str(value.value), parent)) and (value.count or str(value.value) == here)
    ]


def everywhere(asked: SearchRequest) -> str:
    """The search in all categories."""
    return search_url(asked, filters={name: one for name, one in asked.filters.items() if name != CATEGORY})


def _to(asked: SearchRequest, path: str) -> str:
    return search_url(asked, filters=asked.filters | {CATEGORY: [path]})


def _child(value: str, parent: str) -> str:
    """The name of a category directly below `parent`; empty for any other."""
    rest = value if not parent else value.removeprefix(parent + CATEGORY_SEPARATOR)
    return "" if (parent and rest == value) or CATEGORY_SEPARATOR in rest else rest


def _values(answer: Answer) -> list[FacetValue]:
    return next((facet.values for facet in answer.facets if facet.field == CATEGORY), [])

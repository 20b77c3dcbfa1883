"""What the page of a comparison shows. Pure: the template only draws it."""

from __future__ import annotations

from dataclasses import dataclass

from api.compare.model import CompareRequest, Comparison, Moved
from api.compare.terminal import about, alike, whereabouts
from api.http.links import compare_url, item_url

ROW = 10.0
WIDTH = 100.0


@dataclass(frozen=True)
class Cell:
    """One place of a column; `way` is the class of its colour, `mark` what is said beside the title."""

    hit: Moved
    href: str
    way: str
    mark: str


@dataclass(frozen=True)
class Line:
    """A curve from a place on the left to one on the right, as an SVG path."""

    path: str
    way: str


@dataclass(frozen=True)
class Columns:
    """Both columns, padded with None to the same length, and the lines between."""

    left: list[Cell | None]
    right: list[Cell | None]
    lines: list[Line]
    height: float


@dataclass(frozen=True)
class Reason:
    """One move in words."""

    cell: Cell
    places: str


def way_of(hit: Moved) -> str:
    """Class name of a move."""
    return {"▲": "up", "▼": "down", "=": "same"}.get(hit.move[0], hit.move)


def columns(comparison: Comparison) -> Columns:
    """The rows of both rankers."""
    left = [_cell(comparison, hit, _now(hit)) for hit in comparison.column("a")]
    right = [_cell(comparison, hit, hit.move) for hit in comparison.column("b")]
    count = max(len(left), len(right))
    places = {cell.hit.id: place for place, cell in enumerate(right)}
    lines = [
        Line(_curve(place, places[cell.hit.id]), cell.way) for place, cell in enumerate(left) if cell.hit.id in places
    ]
    return Columns(_padded(left, count), _padded(right, count), lines, count * ROW)


def reasons(comparison: Comparison) -> list[Reason]:
    """The hits that moved, those whose move matters most first."""
    return [Reason(_cell(comparison, hit, hit.move), whereabouts(hit)) for hit in comparison.hits if hit.why]


def figures(comparison: Comparison) -> list[str]:
    """How alike the rows are, and what each side made of the words."""
    sides = ((side.label, about(side)) for side in (comparison.a, comparison.b))
    return [alike(comparison), *(f"{label}: {said}" for label, said in sides if said)]


def swapped(asked: CompareRequest) -> str:
    """The same comparison the other way round."""
    return compare_url(a=asked.b, b=asked.a, q=asked.q, type=asked.type, size=asked.size)


def _cell(comparison: Comparison, hit: Moved, mark: str) -> Cell:
    return Cell(hit, item_url(comparison.type, hit.id), way_of(hit), mark)


def _now(hit: Moved) -> str:
    return "=" if hit.a == hit.b else "gone" if hit.b is None else f"→ {hit.b}"


def _curve(first: int, second: int) -> str:
    start, end = (ROW * (place + 0.5) for place in (first, second))
    return f"M0,{start:g} C{WIDTH / 2:g},{start:g} {WIDTH / 2:g},{end:g} {WIDTH:g},{end:g}"


def _padded(cells: list[Cell], count: int) -> list[Cell | None]:
    return [*cells, *[None] * (count - len(cells))]

"""SVG templates of `data/drawings`, filled with colours. Each draws one thing on a canvas of 480 × 480."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from learn.market.drawing import fonts
from learn.market.drawing.tones import mix, readable_on, shades
from learn.market.vocabulary import DATA

FOLDER = DATA / "drawings"
DIRECTIONS = {"v": (0, 0, 0, 1), "h": (0, 0, 1, 0), "x": (0, 0, 1, 1), "z": (1, 0, 0, 1)}
OWN_ID = re.compile(r'(id="|url\(#|href="#)')
# Materials that many drawings share.
MATERIALS = {
    "ink": "#2a2d34", "steel": "#c6ccd4", "steeld": "#8d96a3", "steelh": "#eef1f5", "wood": "#c99c6c",
    "woodd": "#a67a4e", "woodl": "#e0bd93", "cream": "#f5ecdd", "paper": "#fcfaf5", "leaf": "#5f8f5a",
    "leafd": "#436b44", "leafl": "#8fb880", "glass": "#dfeaf0", "gold": "#d9ab55", "rubber": "#3a3d45",
}  # fmt: skip


def draw(template: str, **values: Any) -> str:
    """The SVG text of `data/drawings/<template>.svg`. Raises jinja2.UndefinedError for a value it lacks."""
    return str(_environment().get_template(f"{template}.svg").render(values))


def shape(name: str, colour: str, accent: str, **values: Any) -> str:
    """One thing of `shapes/`; `c…` are the shades of its colour, `a…` those of its accent."""
    filled = {"form": "", "brand": "", "noun": "", "art": 0, **values}
    return draw(f"shapes/{name}", **shades(colour), **shades(accent, "a"), **filled)


def apart(svg: str, prefix: str) -> str:
    """The same drawing with ids of its own, so that two stand in one document."""
    return OWN_ID.sub(lambda found: found[0] + prefix, svg)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=True, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {**MATERIALS, "lin": lin, "cyl": cyl, "rad": rad, "shadow": shadow, "label": label, "mix": mix,
                     "on": readable_on}  # fmt: skip
    return made


def lin(name: str, first: str, last: str, direction: str = "v") -> Markup:
    """A gradient from top to bottom (`v`), left to right (`h`) or across (`x`, `z`)."""
    return _gradient(name, direction, ((0, first), (1, last)))


def cyl(name: str, high: str, middle: str, low: str, direction: str = "h") -> Markup:
    """The light on something round: dim, bright at a third, dim."""
    return _gradient(name, direction, ((0, low), (0.14, middle), (0.33, high), (0.55, middle), (1, low)))


def rad(name: str, inner: str, outer: str, cx: float = 0.38, cy: float = 0.32, r: float = 0.75) -> Markup:
    """The light on a ball."""
    stops = f'<stop offset="0" stop-color="{inner}"/><stop offset="1" stop-color="{outer}"/>'
    return Markup(f'<radialGradient id="{name}" cx="{cx}" cy="{cy}" r="{r}">{stops}</radialGradient>')  # noqa: S704


def shadow(cx: float, cy: float, rx: float, ry: float | None = None, strength: float = 0.34) -> Markup:
    """A soft shadow on the floor: a gradient, which is drawn ten times as fast as a blur."""
    name = f"s{cx:g}-{cy:g}-{rx:g}".replace(".", "_")
    stops = "".join(
        f'<stop offset="{offset}" stop-color="#1c1f2a" stop-opacity="{strength * share:.3f}"/>'
        for offset, share in ((0, 1), (0.45, 0.72), (0.75, 0.25), (1, 0))
    )
    gradient = f'<radialGradient id="{name}">{stops}</radialGradient>'
    ellipse = f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry or rx * 0.13:g}" fill="url(#{name})"/>'
    return Markup(gradient + ellipse)  # noqa: S704


def label(text: str, x: float, y: float, wide: float, size: float, fill: str, face: str = "sans",
          weight: str = "bold", spacing: float = 0.05) -> Markup:  # fmt: skip
    """A line of text around `x`, made smaller where it would be wider than `wide`; nothing for no text."""
    if not text:
        return Markup("")
    fitting = min(size, wide / (fonts.width(text, face, weight) + spacing * len(text)))
    style = f'font-family="{fonts.FAMILIES[face]}" font-weight="{weight}" font-size="{fitting:.1f}"'
    gap = f'letter-spacing="{spacing * fitting:.1f}"'
    return Markup(  # noqa: S704  the text is escaped, the rest is ours
        f'<text x="{x:g}" y="{y:g}" text-anchor="middle" {style} {gap} fill="{fill}">{escape(text)}</text>'
    )


def _gradient(name: str, direction: str, stops: tuple[tuple[float, str], ...]) -> Markup:
    x1, y1, x2, y2 = DIRECTIONS[direction]
    inside = "".join(f'<stop offset="{offset}" stop-color="{colour}"/>' for offset, colour in stops)
    where = f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
    return Markup(f'<linearGradient id="{name}" {where}>{inside}</linearGradient>')  # noqa: S704

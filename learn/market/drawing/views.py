"""The pictures of a motif: in front of a backdrop, in use in a scene, close by. 480 × 480 pixels each."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

from learn.market.drawing.raster import pixels
from learn.market.drawing.shapes import draw, shape
from learn.market.drawing.tones import luminance, mix
from learn.market.drawing.wardrobe import Motif, load_wardrobe

SIZE = 480
GROUND = 404  # where the things of `shapes/` stand
CLOSE = (84, 70, 396, 382)  # what the close view shows of a drawing
DOCUMENT = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="480" height="480" viewBox="0 0 480 480">{}</svg>'
)


def views(motif: Motif) -> list[Image.Image]:
    """As many as the motif has: front, scene, close."""
    thing = cut_out(motif)
    return [look(motif, thing) for look in (front, scene, close)[: motif.views]]


@lru_cache(maxsize=64)
def cut_out(motif: Motif) -> Image.Image:
    """The thing alone, on nothing."""
    drawn = shape(
        motif.shape, motif.colour, motif.accent,
        form=motif.form, brand=motif.brand, noun=motif.noun, art=motif.art,
    )  # fmt: skip
    return pixels(DOCUMENT.format(drawn))


def front(motif: Motif, thing: Image.Image) -> Image.Image:
    return Image.alpha_composite(front_backdrop(motif), thing)


def front_backdrop(motif: Motif) -> Image.Image:
    return backdrop(_tint(motif))


def scene(motif: Motif, thing: Image.Image) -> Image.Image:
    place = load_wardrobe().scenes[motif.scene]
    side = round(SIZE * place.scale)
    small = thing.resize((side, side), Image.Resampling.LANCZOS)
    left, top = round(place.x - side / 2), round(place.ground - GROUND * place.scale)
    made = _room(motif.scene, motif.tint).copy()
    made.alpha_composite(small, (max(0, left), max(0, top)))
    return made


def close(motif: Motif, thing: Image.Image) -> Image.Image:
    near = thing.resize((SIZE, SIZE), Image.Resampling.LANCZOS, box=CLOSE)
    return Image.alpha_composite(backdrop(mix(_tint(motif), motif.accent, 0.12)), near)


@lru_cache(maxsize=256)
def backdrop(tint: str) -> Image.Image:
    return pixels(draw("backdrop", tint=tint))


@lru_cache(maxsize=128)
def _room(name: str, tint: str) -> Image.Image:
    return pixels(draw(f"scenes/{name}", tint=tint))


def _tint(motif: Motif) -> str:
    """A white thing needs a darker backdrop to be seen."""
    return mix(motif.tint, "#59636e", 0.14) if luminance(motif.colour) > 0.8 else motif.tint

"""Posters, 360 × 640 pixels: of videos what they show, of lives some of the bag and the host. Pages write on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from learn.market.drawing.people import Face, colour_of, number
from learn.market.drawing.raster import pixels
from learn.market.drawing.shapes import draw
from learn.market.drawing.views import cut_out
from learn.market.drawing.wardrobe import URL, Motif, digest

Places = dict[int, tuple[tuple[int, int, int], ...]]
# Side and middle of each thing, by how many there are.
TALL: Places = {
    1: ((330, 180, 280),),
    2: ((226, 112, 206), (226, 248, 352)),
    3: ((206, 104, 178), (206, 258, 246), (206, 122, 364)),
}
# In a room the host is above its things.
BELOW: Places = {
    1: ((270, 180, 330),),
    2: ((196, 108, 282), (196, 252, 372)),
    3: ((176, 100, 268), (176, 262, 306), (176, 130, 404)),
}


@dataclass(frozen=True)
class Poster:
    """Of a video: what is shown (the first three), on the creator's colour."""

    things: tuple[Motif, ...]
    creator_id: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"poster-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        made = _ground(colour_of(self.creator_id), number(self.creator_id) // 97 % 4).copy()
        _with_things(made, self.things, TALL)
        return made


@dataclass(frozen=True)
class RoomPoster:
    """Of a live: some of its bag, and the host's face."""

    things: tuple[Motif, ...]
    host_id: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"room-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        made = _ground(colour_of(self.host_id), number(self.host_id) // 97 % 4).copy()
        _with_things(made, self.things, BELOW)
        _with_face(made, Face(self.host_id).image(), (180, 122), 116)
        return made


@lru_cache(maxsize=64)
def _ground(colour: str, look: int) -> Image.Image:
    """What posters of one colour share; the rest is put on it, which is much faster than to draw all of it."""
    return pixels(draw("poster", colour=colour, look=look))


def _with_things(made: Image.Image, things: tuple[Motif, ...], places: Places) -> None:
    shown = things[:3]
    for motif, (side, x, y) in zip(shown, places[len(shown)], strict=True):
        small = cut_out(motif).resize((side, side), Image.Resampling.LANCZOS)
        left, top = x - side // 2, y - side // 2
        made.alpha_composite(small, (max(0, left), max(0, top)), (max(0, -left), max(0, -top)))


def _with_face(made: Image.Image, face: Image.Image, middle: tuple[int, int], side: int) -> None:
    """The face in a white ring."""
    scale = 4  # drawn larger and made smaller, for a smooth edge
    ring = Image.new("L", (side * scale, side * scale), 0)
    ImageDraw.Draw(ring).ellipse((0, 0, side * scale - 1, side * scale - 1), fill=255)
    mask = ring.resize((side, side), Image.Resampling.LANCZOS)
    inner = ring.resize((side - 8, side - 8), Image.Resampling.LANCZOS)
    left, top = middle[0] - side // 2, middle[1] - side // 2
    made.paste((255, 255, 255, 255), (left, top), mask)
    made.paste(face.resize((side - 8, side - 8), Image.Resampling.LANCZOS), (left + 4, top + 4), inner)

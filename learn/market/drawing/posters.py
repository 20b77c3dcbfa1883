"""Posters: tall ones of videos (360 × 640 pixels), wide ones of lives (640 × 360)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from learn.market.drawing import fonts
from learn.market.drawing.people import Face, colour_of, number
from learn.market.drawing.raster import pixels
from learn.market.drawing.shapes import draw
from learn.market.drawing.tones import mix
from learn.market.drawing.views import cut_out
from learn.market.drawing.wardrobe import URL, Motif, digest

Places = dict[int, tuple[tuple[int, int, int], ...]]
# Side and middle of each thing, by how many there are.
TALL: Places = {
    1: ((330, 180, 280),),
    2: ((226, 112, 206), (226, 248, 352)),
    3: ((206, 104, 178), (206, 258, 246), (206, 122, 364)),
}
WIDE: Places = {
    1: ((300, 170, 186),),
    2: ((214, 104, 206), (214, 222, 160)),
    3: ((180, 84, 232), (180, 246, 232), (190, 166, 130)),
}


@dataclass(frozen=True)
class Poster:
    """Of a video: what is shown (the first three), on the creator's colour."""

    things: tuple[Motif, ...]
    title: str
    badge: str
    creator_id: str
    handle: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"poster-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        colour = colour_of(self.creator_id)
        made = _ground("poster", colour, number(self.creator_id) // 97 % 4).copy()
        _with_things(made, self.things, TALL)
        pen = ImageDraw.Draw(made)
        badge = round(fonts.width(self.badge) * 15)
        pen.rounded_rectangle((18, 20, 44 + badge, 52), 16, "#ffffff")
        pen.text((31, 36), self.badge, mix(colour, "#14161c", 0.6), fonts.font("sans", "bold", 15), "lm")
        _with_lines(pen, fonts.wrap(self.title, 324 / 25, 3), 180, 524, 25)
        handle = fonts.font("sans", "normal", 14)
        pen.text((180, 619), f"@{self.handle}", mix(colour, "#ffffff", 0.6), handle, "mm")
        return made


@dataclass(frozen=True)
class RoomPoster:
    """Of a live: some of its bag, its title, and the host's face."""

    things: tuple[Motif, ...]
    title: str
    host_id: str
    host: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"room-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        colour = colour_of(self.host_id)
        made = _ground("room", colour, number(self.host_id) // 97 % 3).copy()
        _with_things(made, self.things, WIDE)
        _with_face(made, Face(self.host_id).image(), (468, 74), 92)
        pen = ImageDraw.Draw(made)
        lines = fonts.wrap(self.title, 312 / 26, 3)
        _with_lines(pen, lines, 468, 178 - len(lines) * 10, 26)
        host = fonts.font("sans", "normal", 16)
        pen.text((468, 288), f"with {self.host}", mix(colour, "#ffffff", 0.7), host, "mm")
        return made


@lru_cache(maxsize=64)
def _ground(template: str, colour: str, look: int) -> Image.Image:
    """What posters of one colour share; the rest is put on it, which is much faster than to draw all of it."""
    return pixels(draw(template, colour=colour, look=look))


def _with_lines(pen: ImageDraw.ImageDraw, lines: list[str], x: int, y: int, size: int) -> None:
    for row, line in enumerate(lines):
        pen.text((x, y + row * round(size * 1.24)), line, "#ffffff", fonts.font("sans", "bold", size), "mm")


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

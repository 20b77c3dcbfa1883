"""Pictures of people and shops: a simple face, or initials on a sign. 192 × 192 pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from PIL import Image

from learn.market.drawing.raster import pixels
from learn.market.drawing.shapes import draw
from learn.market.drawing.wardrobe import URL, digest

# Deep enough for white text on them, far enough apart to be told.
COLOURS = (
    "#b5533c", "#2f6f7f", "#5b4a8a", "#2f7a5a", "#a8456b", "#3f5f9f", "#b57a2a", "#6b7a3a", "#7a3f4f", "#3f7f9f",
    "#8a5a3a", "#4a4f6f",
)  # fmt: skip
ACCENTS = ("#f2b84b", "#f0e5d0", "#e8a58f", "#a9d3c4", "#c9bfe6")
SKINS = ("#f3d2b8", "#e8bd98", "#d9a47a", "#b97f56", "#8f5b3a", "#f0c9a8")
HAIRS = ("#2b2320", "#4a3226", "#7a4a28", "#b5793c", "#d9b36a", "#8a3f2a", "#5f5a58")


def number(text: str) -> int:
    """A number that is the same for a text everywhere."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def colour_of(identity: str) -> str:
    """The colour that goes with somebody's pictures."""
    return COLOURS[number(identity) % len(COLOURS)]


@dataclass(frozen=True)
class Face:
    """Of a creator or host; all of it follows from the id."""

    id: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"face-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        drawn = number(self.id)
        pick = [(drawn >> shift) & 0xFF for shift in range(0, 56, 8)]
        style = pick[1] % 6
        return pixels(
            draw(
                "face", colour=colour_of(self.id), skin=SKINS[pick[2] % len(SKINS)], hair=HAIRS[pick[3] % len(HAIRS)],
                hair_style=style, shirt=COLOURS[pick[4] % len(COLOURS)], glasses=pick[5] % 4 == 0,
                beard=style in (0, 2, 5) and pick[6] % 2 == 0, smile=pick[5] % 2 == 1,
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Logo:
    """Of a seller: its initials."""

    id: str
    name: str

    @property
    def files(self) -> tuple[str, ...]:
        return (f"shop-{digest(self)}.webp",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def image(self) -> Image.Image:
        words = [word for word in self.name.split() if word[0].isalnum()]
        initials = "".join(word[0] for word in words[:2]).upper()
        drawn = number(self.id)
        accent = ACCENTS[(drawn >> 8) % len(ACCENTS)]
        colour = COLOURS[drawn % len(COLOURS)]
        return pixels(draw("logo", colour=colour, accent=accent, look=(drawn >> 16) % 5, initials=initials))

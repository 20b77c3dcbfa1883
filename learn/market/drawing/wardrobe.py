"""Which picture a listing gets: `data/drawings/wardrobe.yml` and a listing's type, colour, noun and brand → Motif.

Listings that look alike share a motif, thus its files: a market of a million products has no more pictures than one of
some thousands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import Field

from learn.market.drawing.shapes import FOLDER
from learn.market.text import spoken
from learn.market.vocabulary import Frozen, ProductType, Value, read_words

Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
# Raised when code changes what is drawn: pictures that were kept are then drawn anew.
EDITION = 1
URL = "/media/"
NEUTRAL = ("#c3c8cf", "#3d4149", "#d8c09a")  # second colours of what has none of its own
VIEWS = ((3, 5), (2, 8), (1, 10))  # so many views of motifs up to so many tenths


class Drawing(Frozen):
    """How a product type is drawn."""

    shape: str
    scene: str
    by: str = "colour"
    palette: tuple[Hex, ...] = ()
    accents: tuple[Hex, ...] = NEUTRAL
    forms: dict[str, str] = Field({})
    form_palette: dict[str, Hex] = Field({})
    label: Literal["noun", "name"] | None = None


class Place(Frozen):
    """Where in a scene a thing stands."""

    scale: float
    x: float
    ground: float


class Wardrobe(Frozen):
    tints: list[Hex]
    scenes: dict[str, Place]
    colours: dict[str, Hex | tuple[Hex, Hex]]
    types: dict[str, Drawing]


@dataclass(frozen=True)
class Motif:
    """A thing to draw, all that its pictures depend on."""

    type: str
    shape: str
    colour: str
    accent: str
    form: str
    brand: str
    noun: str
    art: int
    tint: str
    scene: str
    views: int

    @cached_property
    def name(self) -> str:
        return f"{slug(self.type)}-{digest(self)}"

    @property
    def files(self) -> tuple[str, ...]:
        """File names: in front, in use, close by."""
        return tuple(f"{self.name}-{view + 1}.webp" for view in range(self.views))

    @property
    def urls(self) -> list[str]:
        return [URL + file for file in self.files]


@lru_cache(maxsize=1)
def load_wardrobe() -> Wardrobe:
    """Raises ConfigError that names the file."""
    return read_words(FOLDER / "wardrobe.yml", Wardrobe)


@lru_cache(maxsize=1)
def style() -> str:
    """A digest of the drawings: when they change, all is drawn anew."""
    made = hashlib.blake2b(str(EDITION).encode(), digest_size=8)
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        made.update(path.name.encode() + path.read_bytes())
    return made.hexdigest()


def digest(what: object) -> str:
    """10 hex digits over a frozen dataclass and the style."""
    text = f"{type(what).__name__} {asdict(what)} {style()}"  # type: ignore[call-overload]
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower().replace("'", ""))


def motif_of(item: ProductType, values: Mapping[str, Value | list[str]], brand: str, noun: str) -> Motif:
    """The motif of a listing of a type with these attributes."""
    drawing = load_wardrobe().types[item.type]
    colour = spoken(values[drawing.by]).lower() if drawing.by in values else ""
    wanted = f"{noun} {spoken(values.get('material', ''))} {spoken(values.get('collar', ''))}".lower()
    form = next((form for word, form in drawing.forms.items() if word in wanted), "")
    labelled = drawing.label is not None
    said = noun if drawing.label == "noun" else item.say.name.capitalize() if labelled else ""
    return _motif(item.type, colour, form, brand if labelled else "", said)


@lru_cache(maxsize=65_536)
def _motif(type_: str, colour: str, form: str, brand: str, noun: str) -> Motif:
    """What is not told is chosen by a digest of the rest: the same for all listings that look alike."""
    wardrobe = load_wardrobe()
    drawing = wardrobe.types[type_]
    chosen = hashlib.blake2b(f"{type_}/{colour}/{form}/{brand}/{noun}".encode(), digest_size=8).digest()
    house = hashlib.blake2b(f"{type_}/{brand or colour}".encode(), digest_size=2).digest()
    known = wardrobe.colours.get(colour)
    pair = known if isinstance(known, tuple) else None
    palette = drawing.palette or NEUTRAL
    first = pair[0] if pair else known or drawing.form_palette.get(form) or palette[house[0] % len(palette)]
    second = pair[1] if pair else drawing.accents[chosen[1] % len(drawing.accents)]
    assert isinstance(first, str)
    return Motif(
        type=type_, shape=drawing.shape, colour=first, accent=second, form=form, brand=brand, noun=noun,
        art=chosen[2] % 2, tint=wardrobe.tints[chosen[3] % len(wardrobe.tints)], scene=drawing.scene,
        views=next(views for views, upto in VIEWS if chosen[4] % 10 < upto),
    )  # fmt: skip

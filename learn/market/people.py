"""Creators of videos and hosts of lives: a name, one or two categories, a reach, a hidden quality."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from learn.market.drawing.people import Face
from learn.market.ids import identifier
from learn.market.text import Record, lognormal, stream
from learn.market.vocabulary import Vocabulary

CREATORS = 60
HOSTS = 25


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    first: str
    categories: tuple[str, ...]
    reach: int
    quality: float

    @property
    def picture(self) -> Face:
        return Face(self.id)

    def truth(self) -> Record:
        return {"id": self.id, "name": self.name, "categories": list(self.categories), "quality": self.quality}


def make_creators(vocabulary: Vocabulary, seed: int, count: int = CREATORS) -> list[Person]:
    """Creators, with handles such as `lena.berger`; `reach` is their usual number of views."""
    return _people(vocabulary, seed, "c", count, reach=6_000)


def make_hosts(vocabulary: Vocabulary, seed: int, count: int = HOSTS) -> list[Person]:
    """Hosts, with names such as `Lena Berger`; `reach` is their number of followers. There are 900 names."""
    return _people(vocabulary, seed, "h", count, reach=9_000)


def _people(vocabulary: Vocabulary, seed: int, letter: str, count: int, reach: float) -> list[Person]:
    words = vocabulary.people
    names = [(first, last) for first in words.first for last in words.last]
    drawn = stream(seed, "names", letter).sample(names, count)
    return [_person(vocabulary, seed, letter, index, name, reach) for index, name in enumerate(drawn)]


def _person(vocabulary: Vocabulary, seed: int, letter: str, index: int, name: tuple[str, str], reach: float) -> Person:
    random = stream(seed, "person", letter, index)
    home = vocabulary.categories[index % len(vocabulary.categories)].category
    others = [category.category for category in vocabulary.categories if category.category != home]
    first, last = name
    handle = random.choice(vocabulary.videos.handles).format(first=_plain(first), last=_plain(last))
    return Person(
        id=identifier(seed, letter, index),
        name=handle if letter == "c" else f"{first} {last}",
        first=first,
        categories=(home, *random.sample(others, int(random.random() < 0.3))),
        reach=int(lognormal(random, reach, 1.4)),
        quality=round(random.betavariate(4, 3), 4),
    )


def _plain(name: str) -> str:
    """`Zoé` → `zoe`, `Sørensen` → `sorensen`."""
    flat = unicodedata.normalize("NFKD", name.lower().replace("ø", "o"))
    return re.sub(r"[^a-z]", "", flat)

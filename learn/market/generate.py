"""The road of the generator: vocabulary → sellers → products → creators, videos → hosts, lives → truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from learn.market.catalogue import Catalogue
from learn.market.lives import make_lives
from learn.market.people import make_creators, make_hosts
from learn.market.products import make_products
from learn.market.sellers import make_sellers
from learn.market.text import Record
from learn.market.videos import make_videos
from learn.market.vocabulary import load_vocabulary
from stack.errors import InputError, Mistake

Report = Callable[[str, int], None]


@dataclass(frozen=True)
class Sizes:
    """How many records of each kind. Videos and lives need at least one product to show."""

    products: int = 2_000
    videos: int = 200
    lives: int = 40

    def __post_init__(self) -> None:
        mistakes = [Mistake(name, "must not be negative") for name, count in vars(self).items() if count < 0]
        if not mistakes and not self.products and (self.videos or self.lives):
            mistakes.append(Mistake("products", "must be at least 1, since videos and lives show products"))
        if mistakes:
            raise InputError(mistakes, "Choose other sizes")


@dataclass(frozen=True)
class Market:
    """Records as `ingest` reads them, and `truth`: what only an evaluation may know, by the name of its file."""

    products: list[Record]
    videos: list[Record]
    lives: list[Record]
    truth: dict[str, list[Record]]


def generate(seed: int, sizes: Sizes, now: datetime, report: Report | None = None) -> Market:
    """Make a market.

    Products and videos depend on the seed and the sizes alone (dated back from `products.REFERENCE`); the first
    products of a larger market are those of a smaller one. `now` moves nothing but the times of lives, for a room on
    air is believed only while its heartbeat is fresh. `report(kind, count)` is told of each finished part.

    Raises InputError when `now` has no time zone.
    """
    if now.tzinfo is None:
        raise InputError([Mistake("now", "has no time zone")], "Pass a time in UTC")
    now = now.astimezone(UTC).replace(microsecond=0)
    told = report or (lambda _kind, _count: None)
    vocabulary = load_vocabulary()
    sellers = make_sellers(vocabulary, seed)
    listings = make_products(vocabulary, sellers, seed, sizes.products)
    told("products", len(listings))
    catalogue = Catalogue(listings)
    creators = make_creators(vocabulary, seed)
    clips = make_videos(vocabulary, catalogue, creators, seed, sizes.videos)
    told("videos", len(clips))
    hosts = make_hosts(vocabulary, seed)
    rooms = make_lives(vocabulary, catalogue, hosts, seed, now, sizes.lives)
    told("lives", len(rooms))
    return Market(
        products=[listing.record for listing in listings],
        videos=[clip.record for clip in clips],
        lives=[room.record for room in rooms],
        truth={
            "sellers": [seller.truth() for seller in sellers],
            "products": [listing.truth() for listing in listings],
            "creators": [creator.truth() for creator in creators],
            "videos": [clip.truth for clip in clips],
            "hosts": [host.truth() for host in hosts],
            "lives": [room.truth for room in rooms],
        },
    )

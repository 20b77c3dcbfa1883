"""The road of the generator: vocabulary → sellers → products → creators, videos → hosts, lives → their pages.

One record after the other, so that a market of a million products takes no more memory than one of some thousands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from learn.market.catalogue import SAMPLE, Catalogue
from learn.market.drawing.studio import Subject
from learn.market.lives import make_lives, on_air_of
from learn.market.people import HOSTS, Person, make_creators, make_hosts
from learn.market.products import MOST_PRODUCTS, Listing, make_products
from learn.market.profiles import Counted, person_record, seller_record
from learn.market.sellers import make_sellers
from learn.market.text import Record
from learn.market.videos import make_videos
from learn.market.vocabulary import Vocabulary, load_vocabulary
from stack.errors import InputError, Mistake

Report = Callable[[str, int], None]
Item = TypeVar("Item")
RECORDS = ("products", "videos", "lives", "sellers", "creators")
TRUTHS = ("sellers", "products", "creators", "videos", "hosts", "lives")


@dataclass(frozen=True)
class Sizes:
    """How many records of each kind. Videos and lives need at least one product to show."""

    products: int = 3_200
    videos: int = 500
    lives: int = 60

    def __post_init__(self) -> None:
        mistakes = [Mistake(name, "must not be negative") for name, count in vars(self).items() if count < 0]
        if not mistakes and not self.products and (self.videos or self.lives):
            mistakes.append(Mistake("products", "must be at least 1, since videos and lives show products"))
        if self.products > MOST_PRODUCTS:
            mistakes.append(Mistake("products", f"must be at most {MOST_PRODUCTS:,}"))
        if mistakes:
            raise InputError(mistakes, "Choose other sizes")


SIZES = {"small": Sizes(600, 120, 40), "medium": Sizes(), "large": Sizes(1_000_000, 50_000, 2_000)}


@dataclass(frozen=True)
class Made:
    """A record for the file `name`; what only an evaluation may know of it, for the file `truth_name` of the truth; and
    what is to be drawn for it."""

    name: str
    record: Record
    truth_name: str
    truth: Record
    pictures: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class Market:
    """A whole market in memory: for the small ones of evaluations and tests."""

    made: tuple[Made, ...]

    def __iter__(self) -> Iterator[Made]:
        return iter(self.made)

    def records(self, name: str) -> list[Record]:
        return [each.record for each in self.made if each.name == name]

    @cached_property
    def products(self) -> list[Record]:
        return self.records("products")

    @cached_property
    def videos(self) -> list[Record]:
        return self.records("videos")

    @cached_property
    def lives(self) -> list[Record]:
        return self.records("lives")

    @cached_property
    def sellers(self) -> list[Record]:
        return self.records("sellers")

    @cached_property
    def creators(self) -> list[Record]:
        """Creators of videos, then hosts of lives."""
        return self.records("creators")

    @cached_property
    def truth(self) -> dict[str, list[Record]]:
        return {name: [each.truth for each in self.made if each.truth_name == name] for name in TRUTHS}


def generate(seed: int, sizes: Sizes, now: datetime, report: Report | None = None) -> Market:
    """All of `make` at once."""
    return Market(tuple(make(seed, sizes, now, report)))


def make(seed: int, sizes: Sizes, now: datetime, report: Report | None = None) -> Iterator[Made]:
    """Make a market, record by record.

    All but lives depends on the seed and the sizes alone (dated back from `products.REFERENCE`); the first products of
    a larger market are those of a smaller one. `now` moves nothing but the times of lives, for a room on air is
    believed only while its heartbeat is fresh. `report(kind, count)` is told how many records of a kind there are.

    Raises InputError when `now` has no time zone.
    """
    now = _utc(now)
    vocabulary = load_vocabulary()
    sellers = make_sellers(vocabulary, seed)
    counted: dict[str, Counted] = defaultdict(Counted)
    sample: list[Listing] = []
    for listing in _told(make_products(vocabulary, sellers, seed, sizes.products), "products", report):
        counted[str(listing.record["seller_id"])].add(listing)
        if len(sample) < SAMPLE:
            sample.append(listing)
        yield Made("products", listing.record, "products", listing.truth(), (listing.motif,))
    catalogue = Catalogue(sample)
    creators = make_creators(vocabulary, seed)
    for clip in _told(make_videos(vocabulary, catalogue, creators, seed, sizes.videos), "videos", report):
        yield Made("videos", clip.record, "videos", clip.truth, clip.pictures)
    for seller in sellers:
        record = seller_record(vocabulary, seller, counted[seller.id], seed)
        yield Made("sellers", record, "sellers", seller.truth(), (seller.picture,))
    for person in creators:
        record = person_record(vocabulary, person, seed, host=False)
        yield Made("creators", record, "creators", person.truth(), (person.picture,))
    for person in _hosts(vocabulary, seed, sizes):
        record = person_record(vocabulary, person, seed, host=True)
        yield Made("creators", record, "hosts", person.truth(), (person.picture,))
    yield from _lives(vocabulary, catalogue, seed, sizes, now, report)


def make_only_lives(seed: int, sizes: Sizes, now: datetime, report: Report | None = None) -> Iterator[Made]:
    """The lives of `make`, without the rest: all that is new when a market is made again later."""
    vocabulary = load_vocabulary()
    listings = make_products(vocabulary, make_sellers(vocabulary, seed), seed, min(sizes.products, SAMPLE))
    return _lives(vocabulary, Catalogue(list(listings)), seed, sizes, _utc(now), report)


def _lives(
    vocabulary: Vocabulary, catalogue: Catalogue, seed: int, sizes: Sizes, now: datetime, report: Report | None
) -> Iterator[Made]:
    hosts = _hosts(vocabulary, seed, sizes)
    for room in _told(make_lives(vocabulary, catalogue, hosts, seed, now, sizes.lives), "lives", report):
        yield Made("lives", room.record, "lives", room.truth, (room.poster,))


def _hosts(vocabulary: Vocabulary, seed: int, sizes: Sizes) -> list[Person]:
    """Enough of them that nobody is on air twice."""
    return make_hosts(vocabulary, seed, max(HOSTS, on_air_of(sizes.lives)))


def _told(items: Iterable[Item], kind: str, report: Report | None) -> Iterator[Item]:
    for count, item in enumerate(items, 1):
        yield item
        if report:
            report(kind, count)


def _utc(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise InputError([Mistake("now", "has no time zone")], "Pass a time in UTC")
    return now.astimezone(UTC).replace(microsecond=0)

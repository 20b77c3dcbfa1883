"""Live rooms around a moment: on air, to come, over. Their times depend on `now`, all else on the seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from learn.market.catalogue import Catalogue
from learn.market.drawing.posters import RoomPoster
from learn.market.ids import identifier
from learn.market.people import Person
from learn.market.products import Listing
from learn.market.shared import Shared
from learn.market.text import Record, fill, instant, lognormal, sentence, stream
from learn.market.vocabulary import Vocabulary

Status = Literal["scheduled", "live", "ended", "replay"]
# Every twenty rooms: 7 on air, 5 to come, 4 over, 4 to watch again.
CYCLE: tuple[Status, ...] = (
    "live", "scheduled", "ended", "live", "replay", "scheduled", "live", "replay", "ended", "live",
    "scheduled", "live", "replay", "scheduled", "ended", "live", "scheduled", "replay", "live", "ended",
)  # fmt: skip
# Hours of the day (UTC) at which shows begin: at lunch, and mostly in the evening.
HOURS = (10, 12, 12, 15, 17, 18, 18, 19, 19, 19, 20, 20, 21)
DAYS_AHEAD = 6
POSTERS = 150  # rooms with a poster of their own; later ones share them
LOST_EVERY = 6  # one in six rooms `on air` has lost its connection: an old heartbeat, never marked as ended


@dataclass(frozen=True)
class Room:
    """A live's record and what is true of it."""

    record: Record
    truth: Record
    poster: RoomPoster


def on_air_of(count: int) -> int:
    """How many of `count` rooms say that they are live."""
    return sum(CYCLE[index % len(CYCLE)] == "live" for index in range(count))


def make_lives(
    vocabulary: Vocabulary, catalogue: Catalogue, hosts: list[Person], seed: int, now: datetime, count: int
) -> Iterator[Room]:
    """`count` rooms; of 40, 14 say that they are live, and 12 really are. Nobody hosts two at the same time."""
    on_air = others = 0
    posters: Shared[RoomPoster] = Shared(POSTERS)
    for index in range(count):
        status = CYCLE[index % len(CYCLE)]
        if status == "live":
            host, on_air = hosts[on_air % len(hosts)], on_air + 1
        else:
            host, others = hosts[-1 - others % len(hosts)], others + 1
        lost = status == "live" and on_air % LOST_EVERY == 3
        yield _room(vocabulary, catalogue, host, seed, now, index, status, lost, posters)


def _room(
    vocabulary: Vocabulary,
    catalogue: Catalogue,
    host: Person,
    seed: int,
    now: datetime,
    index: int,
    status: Status,
    lost: bool,
    posters: Shared[RoomPoster],
) -> Room:
    random = stream(seed, "live", index)
    anchor = catalogue.anchor(catalogue.category(host.categories, random), random)
    bag = _bag(catalogue, anchor, random)
    values = _values(host, anchor, bag)
    own = anchor.category.fitting(anchor.category.lives, anchor.type)
    titles = own if own and random.random() < 0.4 else vocabulary.lives.titles
    title = fill(random.choice(titles), values)
    title = title[0].upper() + title[1:]
    things = tuple(dict.fromkeys(listing.motif for listing in bag))[:3]
    poster = posters.get((anchor.type.type,), lambda: RoomPoster(things, host.id))
    identity = identifier(seed, "l", index)
    record: Record = {
        "id": identity,
        "title": title,
        "description": sentence(random.choice(vocabulary.lives.descriptions), values),
        "language": "en",
        "category": anchor.record["category"][:2],
        "status": status,
        "host_id": host.id,
        "host_name": host.name,
        "products": [listing.id for listing in bag],
        "followers": host.reach,
        "poster": poster.url,
        **_times(status, lost, now, random),
    }
    if status == "live":
        record["product_now"] = random.choice(bag).id
        record["viewers"] = int(lognormal(random, 30 + host.reach * 0.02 * host.quality, 0.8))
    truth: Record = {
        "id": identity,
        "type": anchor.type.type,
        "host_quality": host.quality,
        "on_air": status == "live" and not lost,
    }
    return Room(record, truth, poster)


def _bag(catalogue: Catalogue, anchor: Listing, random: Random) -> list[Listing]:
    """Up to 18 products of the category, those of the anchor's type first; sold-out ones stay at home."""
    same = catalogue.others(anchor, random)[: random.randint(3, 8)]
    rest = catalogue.others(anchor, random, whole_category=True)[: random.randint(2, 9)]
    bag = {listing.id: listing for listing in (anchor, *same, *rest) if listing.record["stock"] or listing is anchor}
    return list(bag.values())


def _values(host: Person, anchor: Listing, bag: list[Listing]) -> dict[str, Any]:
    things = str(anchor.words["things"])
    cheapest = min(listing.record["price"] for listing in bag if listing.type is anchor.type)
    return {
        **anchor.words,
        "host": host.first,
        "sub": anchor.type.path[-1],
        "root": anchor.category.category,
        "Things": things[0].upper() + things[1:],
        "price": f"{cheapest:.2f}".removesuffix(".00"),
    }


def _times(status: Status, lost: bool, now: datetime, random: Random) -> Record:
    """The times of a room. A heartbeat is written every few seconds while it is on air, so the last one stays."""
    if status == "scheduled":
        begins = _coming(now, random)
        announced = now - timedelta(hours=random.uniform(1, 72))
        return {"scheduled_at": instant(begins), "updated_at": instant(announced)}
    if status == "live":
        beat = now - (timedelta(minutes=random.uniform(20, 240)) if lost else timedelta(seconds=random.randint(0, 20)))
        started = beat - timedelta(minutes=random.uniform(5, 120))
        return {**_begun(started), "heartbeat_at": instant(beat), "updated_at": instant(beat)}
    ended = now - timedelta(hours=random.uniform(2, 480))
    started = ended - timedelta(minutes=random.uniform(35, 150))
    over = instant(ended)
    return {**_begun(started), "heartbeat_at": over, "ended_at": over, "updated_at": over}


def _coming(now: datetime, random: Random) -> datetime:
    """A usual hour of one of the coming days, sooner rather than later."""
    days, hour, minute = int(random.triangular(0, DAYS_AHEAD, 0)), random.choice(HOURS), random.choice((0, 0, 0, 30))
    begins = now.replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)
    return begins if begins > now + timedelta(minutes=20) else begins + timedelta(days=1)


def _begun(started: datetime) -> Record:
    return {"scheduled_at": instant(_quarter(started)), "started_at": instant(started)}


def _quarter(time: datetime) -> datetime:
    """The quarter of an hour at or before a time."""
    return time.replace(minute=time.minute - time.minute % 15, second=0, microsecond=0)

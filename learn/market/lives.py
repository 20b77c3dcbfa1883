"""Live rooms around a moment: on air, to come, over. Their times depend on `now`, all else on the seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from learn.market.catalogue import Catalogue
from learn.market.ids import identifier
from learn.market.people import Person
from learn.market.products import Listing
from learn.market.text import Record, fill, instant, lognormal, sentence, stream
from learn.market.vocabulary import Vocabulary

Status = Literal["scheduled", "live", "ended", "replay"]
# Every twenty rooms: 7 on air, 5 to come, 4 over, 4 to watch again.
CYCLE: tuple[Status, ...] = (
    "live", "scheduled", "ended", "live", "replay", "scheduled", "live", "replay", "ended", "live",
    "scheduled", "live", "replay", "scheduled", "ended", "live", "scheduled", "replay", "live", "ended",
)  # fmt: skip
LOST_EVERY = 6  # one in six rooms `on air` has lost its connection: an old heartbeat, never marked as ended


@dataclass(frozen=True)
class Room:
    """A live's record and what is true of it."""

    record: Record
    truth: Record


def make_lives(
    vocabulary: Vocabulary, catalogue: Catalogue, hosts: list[Person], seed: int, now: datetime, count: int
) -> list[Room]:
    """`count` rooms; of 40, 14 say that they are live, and 12 really are."""
    rooms: list[Room] = []
    on_air = 0
    for index in range(count):
        status = CYCLE[index % len(CYCLE)]
        on_air += status == "live"
        lost = status == "live" and on_air % LOST_EVERY == 3
        rooms.append(_room(vocabulary, catalogue, hosts[index % len(hosts)], seed, now, index, status, lost))
    return rooms


def _room(
    vocabulary: Vocabulary,
    catalogue: Catalogue,
    host: Person,
    seed: int,
    now: datetime,
    index: int,
    status: Status,
    lost: bool,
) -> Room:
    random = stream(seed, "live", index)
    anchor = catalogue.anchor(catalogue.category(host.categories, random), random)
    bag = _bag(catalogue, anchor, random)
    values = _values(host, anchor, bag)
    own = anchor.category.fitting(anchor.category.lives, anchor.type)
    titles = own if own and random.random() < 0.4 else vocabulary.lives.titles
    title = fill(random.choice(titles), values)
    identity = identifier(seed, "l", index)
    record: Record = {
        "id": identity,
        "title": title[0].upper() + title[1:],
        "description": sentence(random.choice(vocabulary.lives.descriptions), values),
        "language": "en",
        "category": anchor.record["category"][:2],
        "status": status,
        "host_id": host.id,
        "host_name": host.name,
        "products": [listing.id for listing in bag],
        "followers": host.reach,
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
    return Room(record, truth)


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
        begins = _quarter(now + timedelta(hours=random.uniform(1, 120)))
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


def _begun(started: datetime) -> Record:
    return {"scheduled_at": instant(_quarter(started)), "started_at": instant(started)}


def _quarter(time: datetime) -> datetime:
    """The quarter of an hour at or before a time."""
    return time.replace(minute=time.minute - time.minute % 15, second=0, microsecond=0)

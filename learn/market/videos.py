"""Short videos: a creator, a kind (review, how-to …), the products shown, a title, a transcript, an audience."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from learn.market import speech
from learn.market.catalogue import Catalogue
from learn.market.drawing.clips import Captions
from learn.market.drawing.clips import Clip as Film
from learn.market.drawing.posters import Poster
from learn.market.drawing.wardrobe import Motif
from learn.market.ids import identifier
from learn.market.people import Person
from learn.market.products import REFERENCE, Listing
from learn.market.shared import Shared
from learn.market.text import Record, fill, instant, lognormal, placeholders, stream
from learn.market.vocabulary import VideoKind, VideoWords, Vocabulary

WORDS_A_SECOND = 2.7  # brisk speech
FILMED = 32  # the first videos can be played: short ones, of what their creators would say in some seconds
POSTERS = 500  # videos with a poster of their own; later ones share them
CATEGORY_TITLES = 0.3  # share of videos with a title that only fits their category
LIMITS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_500, 5_000)
ONE_PRODUCT = frozenset(("brand", "line", "noun", "model_or_line", "this thing"))
MISSED_LINK = 0.08  # share of shown products that the record's links lack
WRONG_LINK = 0.06  # share of videos with a link to a product that they do not show


@dataclass(frozen=True)
class Clip:
    """A video's record and what it really shows."""

    record: Record
    truth: Record
    pictures: tuple[Poster | Film | Captions, ...]


def make_videos(
    vocabulary: Vocabulary, catalogue: Catalogue, creators: list[Person], seed: int, count: int
) -> Iterator[Clip]:
    """`count` videos over the catalogue."""
    posters: Shared[Poster] = Shared(POSTERS)
    return (_clip(vocabulary, catalogue, creators, seed, index, posters) for index in range(count))


def _clip(
    vocabulary: Vocabulary,
    catalogue: Catalogue,
    creators: list[Person],
    seed: int,
    index: int,
    posters: Shared[Poster],
) -> Clip:
    words = vocabulary.videos
    random = stream(seed, "video", index)
    creator = random.choice(creators)
    anchor = catalogue.anchor(catalogue.category(creator.categories, random), random)
    kind = _kind(words, catalogue, anchor, random)
    shown = [anchor]
    if kind.many:
        shown += catalogue.others(anchor, random)[: random.randint(1, 3)]
    values = _values(shown, random)
    filmed = index < FILMED
    speak = speech.short if filmed else speech.whole
    transcript = speak(vocabulary, kind, shown, values, random)
    pace = random.uniform(0.95, 1.5)
    duration = _filmed_seconds(transcript) if filmed else _seconds(transcript, pace)
    spans = _spans([listing.id for listing in shown], duration)
    identity = identifier(seed, "v", index)
    title = _title(kind, anchor, values, random)
    things = tuple(dict.fromkeys(listing.motif for listing in shown))
    poster = posters.get((anchor.type.type, kind.kind), lambda: Poster(things[:3], creator.id))
    written = fill("{brand} {line} · {price} €", values)
    film = _film(transcript, things[:3], written, creator, duration) if filmed else None
    record: Record = {
        "id": identity,
        "title": title,
        "description": _about(shown, kind, random),
        "language": "en",
        "category": anchor.record["category"],
        "hashtags": _hashtags(kind, anchor, random),
        "creator_id": creator.id,
        "creator_name": creator.name,
        "duration_s": duration,
        "transcript": transcript,
        "on_screen_text": written,
        "visual_tags": [anchor.type.say.name, *anchor.type.path[-1:]],
        "poster": poster.url,
        **({"media": film[0].url, "captions": film[1].url} if film else {}),
        "products": _links(spans, catalogue, anchor, duration, random),
        **_audience(creator, shown, random),
    }
    truth: Record = {
        "id": identity,
        "type": anchor.type.type,
        "kind": kind.kind,
        "task": values["task"] if kind.howto else "",
        "creator_quality": creator.quality,
        "shows": spans,
    }
    return Clip(record, truth, (poster, *(film or ())))


def _kind(words: VideoWords, catalogue: Catalogue, anchor: Listing, random: Random) -> VideoKind:
    """A kind that fits: how-tos need a task, lists need a second model of the type."""
    alone = not catalogue.others(anchor, random)
    fitting = [k for k in words.kinds if not (k.howto and not anchor.type.howto) and not (k.many and alone)]
    return random.choices(fitting, [kind.weight for kind in fitting])[0]


def _values(shown: list[Listing], random: Random) -> dict[str, Any]:
    """What titles and sentences may name: the anchor's words and a few of its company."""
    anchor = shown[0]
    dearest = max(listing.record["price"] for listing in shown)
    things = str(anchor.words["things"])
    return {
        **anchor.words,
        "price": round(anchor.record["price"]) or 1,
        "limit": next(limit for limit in LIMITS if limit >= dearest),
        "sub": anchor.type.path[-1],
        "root": anchor.category.category,
        "Things": things[0].upper() + things[1:],
        "model_or_line": anchor.words["model"] or anchor.words["line"],
        "brand2": next((x.words["brand"] for x in shown if x.words["brand"] != anchor.words["brand"]), ""),
        "task": random.choice(anchor.type.howto) if anchor.type.howto else "",
    }


def _title(kind: VideoKind, anchor: Listing, values: dict[str, Any], random: Random) -> str:
    own = anchor.category.fitting(anchor.category.videos, anchor.type)
    pool = own if own and not kind.howto and random.random() < CATEGORY_TITLES else kind.titles
    fitting = [title for title in pool if _tells(placeholders(title), values, kind.many)] or kind.titles
    title = fill(random.choice(fitting), values)
    return title[0].upper() + title[1:]


def _tells(names: set[str], values: dict[str, Any], many: bool) -> bool:
    """Whether a title can be filled, and does not name one product alone where several are shown."""
    alone = bool(names & ONE_PRODUCT) and "brand2" not in names
    return all(values[name] for name in names) and not (many and alone)


def _seconds(transcript: str, pace: float) -> float:
    return round(min(180.0, max(8.0, len(transcript.split()) / WORDS_A_SECOND * pace)), 1)


def _filmed_seconds(transcript: str) -> float:
    """Half seconds, thus a whole number of frames."""
    return min(8.0, max(5.0, round(2 * len(transcript.split()) / WORDS_A_SECOND) / 2))


def _film(transcript: str, things: tuple[Motif, ...], text: str, creator: Person, duration: float) -> (
    tuple[Film, Captions]
):  # fmt: skip
    return Film(things, text, creator.id, duration), Captions(transcript, duration)


def _spans(ids: list[str], duration: float) -> list[Record]:
    """Who is on show when: an introduction, equal parts, a farewell."""
    start, end = duration * 0.08, duration * 0.94
    part = (end - start) / len(ids)
    return [
        {"id": identity, "from_s": round(start + part * place, 1), "to_s": round(start + part * (place + 1), 1)}
        for place, identity in enumerate(ids)
    ]


def _links(spans: list[Record], catalogue: Catalogue, anchor: Listing, duration: float, random: Random) -> list[Record]:
    """The links as a recogniser would give them: times a little off, some missing, a few wrong and less sure."""
    links: list[Record] = []
    for span in spans:
        if random.random() >= MISSED_LINK:
            begin = round(max(0.0, span["from_s"] + random.uniform(-1, 1)), 1)
            end = round(min(duration, max(begin, span["to_s"] + random.uniform(-1, 1))), 1)
            links.append(
                {"id": span["id"], "confidence": round(random.uniform(0.7, 0.99), 2), "from_s": begin, "to_s": end}
            )
    shown = {span["id"] for span in spans}
    wrong = [x.id for x in catalogue.others(anchor, random, whole_category=True) if x.id not in shown]
    if wrong and random.random() < WRONG_LINK:
        links.append({"id": wrong[0], "confidence": round(random.uniform(0.2, 0.55), 2)})
    return links


def _about(shown: list[Listing], kind: VideoKind, random: Random) -> str:
    names = ", ".join(fill("{brand} {line} {noun}", listing.words) for listing in shown)
    lead = random.choice(["In this video", "Linked below", "You asked for it", "All products"])
    return f"{lead}: {names}. #{random.choice(kind.hashtags)} #{_tag(shown[0].type.say.name)}"


def _hashtags(kind: VideoKind, anchor: Listing, random: Random) -> list[str]:
    tags = [
        _tag(anchor.type.say.name),
        *random.sample(kind.hashtags, min(2, len(kind.hashtags))),
        *random.sample(anchor.category.hashtags, 2),
        _tag(anchor.record["brand"]),
    ]
    return list(dict.fromkeys(tags))


def _tag(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _audience(creator: Person, shown: list[Listing], random: Random) -> Record:
    """Published after its newest product; views around the creator's reach, heavy-tailed."""
    newest = max(datetime.fromisoformat(listing.record["created_at"]) for listing in shown)
    published = newest + (REFERENCE - newest) * random.random()
    views = int(lognormal(random, creator.reach * (0.5 + creator.quality), 1.5))
    likes = int(views * random.uniform(0.02, 0.12))
    return {
        "views": views,
        "likes": likes,
        "comments": int(likes * random.uniform(0.01, 0.08)),
        "published_at": instant(published),
        "updated_at": instant(min(REFERENCE, published + timedelta(days=random.expovariate(1 / 5)))),
    }

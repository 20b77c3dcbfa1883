"""The public side of sellers, creators and hosts: what a shopper sees of them. Nothing of their hidden quality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from learn.market.people import Person
from learn.market.products import OLDEST_DAYS, REFERENCE, Listing
from learn.market.sellers import Seller
from learn.market.text import Record, instant, lognormal, sentence, stream
from learn.market.vocabulary import Vocabulary


@dataclass
class Counted:
    """What the listings of a seller add up to."""

    listings: int = 0
    sales: int = 0
    returns: int = 0
    ratings: int = 0
    stars: float = 0.0

    def add(self, listing: Listing) -> None:
        record = listing.record
        self.listings += 1
        self.sales += record["sales"]
        self.returns += record["returns"]
        self.ratings += record["rating_count"]
        self.stars += record.get("rating", 0.0) * record["rating_count"]


def seller_record(vocabulary: Vocabulary, seller: Seller, counted: Counted, seed: int) -> Record:
    """A seller's rating is that of its products, as buyers gave it."""
    random = stream(seed, "seller page", seller.id)
    words = vocabulary.profiles
    # Before its oldest product.
    joined = REFERENCE - timedelta(days=OLDEST_DAYS + random.uniform(10, 2_600))
    values = _values(vocabulary, seller.categories[0], random.random()) | {"name": seller.name, "year": joined.year}
    rated = {"rating": round(counted.stars / counted.ratings, 1)} if counted.ratings else {}
    return {
        "id": seller.id,
        "title": seller.name,
        "description": sentence(random.choice(words.sellers), values),
        "language": "en",
        "category": [seller.categories[0]],
        "country": random.choices(list(words.countries), list(words.countries.values()))[0],
        "joined_at": instant(joined),
        **rated,
        "rating_count": counted.ratings,
        "followers": int(lognormal(random, 40 + counted.sales * 0.06, 0.7)),
        "sales": counted.sales,
        "returns": counted.returns,
        "picture": seller.picture.url,
        "updated_at": instant(REFERENCE),
    }


def person_record(vocabulary: Vocabulary, person: Person, seed: int, host: bool) -> Record:
    """A creator's or host's page. A host's reach is a number of followers, a creator's the usual views of a video."""
    random = stream(seed, "creator page", person.id)
    words = vocabulary.profiles.hosts if host else vocabulary.profiles.creators
    values = _values(vocabulary, person.categories[0], random.random()) | {"first": person.first}
    return {
        "id": person.id,
        "title": person.name,
        "description": sentence(random.choice(words), values),
        "language": "en",
        "category": [person.categories[0]],
        "joined_at": instant(REFERENCE - timedelta(days=OLDEST_DAYS + random.uniform(10, 1_500))),
        "followers": person.reach if host else int(lognormal(random, 3 * person.reach, 0.6)),
        "picture": person.picture.url,
        "updated_at": instant(REFERENCE),
    }


def _values(vocabulary: Vocabulary, category: str, share: float) -> dict[str, str]:
    """A category and one of its things; `share` (0 to 1) says which."""
    items = next(each for each in vocabulary.categories if each.category == category).types
    things = items[int(share * len(items))].say.words["things"]
    return {"category": category, "things": things}

"""Sellers, each with a home category and a hidden quality that their products' ratings and returns only hint at."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from learn.market.drawing.people import Logo
from learn.market.ids import identifier
from learn.market.text import Record, stream
from learn.market.vocabulary import Category, Vocabulary

SELLERS = 120


@dataclass(frozen=True)
class Seller:
    id: str
    name: str
    categories: tuple[str, ...]
    quality: float

    @property
    def picture(self) -> Logo:
        return Logo(self.id, self.name)

    def truth(self) -> Record:
        return {"id": self.id, "name": self.name, "categories": list(self.categories), "quality": self.quality}


def make_sellers(vocabulary: Vocabulary, seed: int, count: int = SELLERS) -> list[Seller]:
    """Sellers spread evenly over the categories; a quarter of them sell in a second one too."""
    names = {category.category: _names(vocabulary, category, seed) for category in vocabulary.categories}
    return [_seller(vocabulary, names, seed, index) for index in range(count)]


def _seller(vocabulary: Vocabulary, names: dict[str, list[str]], seed: int, index: int) -> Seller:
    random = stream(seed, "seller", index)
    place, home = divmod(index, len(vocabulary.categories))
    categories = [vocabulary.categories[home].category]
    if random.random() < 0.25:
        categories.append(random.choice([c.category for c in vocabulary.categories if c.category not in categories]))
    known = names[categories[0]]
    return Seller(
        id=identifier(seed, "s", index),
        name=known[place % len(known)],
        categories=tuple(categories),
        quality=round(random.betavariate(6, 2), 4),
    )


def _names(vocabulary: Vocabulary, category: Category, seed: int) -> list[str]:
    """Names such as `Gadget Corner` and `Keller Audio`, in an order of this seed."""
    people = vocabulary.people
    names = [f"{word} {shop}" for word, shop in product(category.shops, people.shops)]
    names += [f"{last} {word}" for word, last in product(category.shops, people.last)]
    stream(seed, "seller names", category.category).shuffle(names)
    return names

"""Products: a maker's model is drawn first, then its listings, which differ in colour, size or amount."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from learn.market.drawing.wardrobe import Motif, motif_of
from learn.market.ids import identifier
from learn.market.prices import draw_price, list_price, shelf_price
from learn.market.sellers import Seller
from learn.market.text import Record, fill, instant, lognormal, sentence, stream
from learn.market.vocabulary import Category, ProductType, Value, Vocabulary

# A GTIN of a shop's own holds six digits of our number.
MOST_PRODUCTS = 1_000_000
# Products and videos are dated back from here: the same bytes whenever the market is made.
REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)
OLDEST_DAYS = 900.0
LETTERS = "ABCDEFGHKLMNPRSTVWXZ"  # no vowels' I, O, U, which model numbers avoid
VARIANT_COUNTS = ([1, 2, 3, 4], [11, 4, 3, 2])
LOWER_WORD = re.compile(r"(?:^|(?<=[\s/]))[a-z][\w'’]*")
SMALL_WORDS = frozenset(("and", "for", "with", "from", "up", "to", "in", "of", "the", "on", "by", "a", "an", "x"))
UNITS = frozenset(("km", "mm", "cm", "m", "ml", "l", "kg", "g", "gsm", "h", "w", "v", "pcs", "bar"))


@dataclass(frozen=True)
class Listing:
    """A product with what the generator knows of it beyond the record; `words` fill sentences."""

    record: Record
    category: Category
    type: ProductType
    model: int
    quality: float
    words: dict[str, Any]
    motif: Motif

    @property
    def id(self) -> str:
        return str(self.record["id"])

    def truth(self) -> Record:
        return {"id": self.id, "type": self.type.type, "model_group": self.model, "quality": self.quality}


@dataclass(frozen=True)
class Model:
    """What all listings of one maker's model share."""

    number: int
    category: Category
    type: ProductType
    quality: float
    brand: str
    line: str
    noun: str
    code: str | None
    values: dict[str, Any]
    title: str
    description: list[str]
    raw_price: float


def make_products(vocabulary: Vocabulary, sellers: list[Seller], seed: int, count: int) -> Iterator[Listing]:
    """The first `count` listings of the seed, one after the other: a larger market begins with the smaller one."""
    by_category = {
        category.category: [seller for seller in sellers if category.category in seller.categories]
        for category in vocabulary.categories
    }
    index = number = 0
    while index < count:
        random = stream(seed, "model", number)
        model = _model(vocabulary, random, seed, number)
        for values in _variants(model, random)[: count - index]:
            yield _listing(model, values, by_category[model.category.category], seed, index)
            index += 1
        number += 1


def _model(vocabulary: Vocabulary, random: Random, seed: int, number: int) -> Model:
    category = random.choices(vocabulary.categories, [c.weight for c in vocabulary.categories])[0]
    item = random.choice(category.types)
    brand = random.choice(item.brands or category.brands)
    values = _values(item, random)
    noun = values.pop("noun", None) or random.choice(item.nouns)
    level = stream(seed, "brand", brand).uniform(0.8, 1.35)
    return Model(
        number=number,
        category=category,
        type=item,
        quality=round(random.betavariate(5, 2), 4),
        brand=brand,
        line=random.choice(item.lines or category.lines),
        noun=noun,
        code=_code(random.choice(item.model), random) if item.model else None,
        values=values,
        title=random.choice(item.titles),
        description=_description(vocabulary, category, item, random),
        raw_price=draw_price(item, values, level, random),
    )


def _values(item: ProductType, random: Random) -> dict[str, Any]:
    values: dict[str, Any] = {name: random.choice(known) for name, known in item.attributes.items()}
    if item.together:
        values |= random.choice(item.together)
    for name, known in item.sets.items():
        start = random.randrange(max(1, len(known) - 3))
        values[name] = known[start : random.randint(min(start + 3, len(known)), len(known))]
    return values


def _code(pattern: str, random: Random) -> str:
    """`"@@-###"` → `"KX-402"`; the first digit is never 0."""
    code = re.sub("@", lambda _: random.choice(LETTERS), pattern)
    return re.sub("#+", lambda run: str(random.randint(10 ** (len(run[0]) - 1), 10 ** len(run[0]) - 1)), code)


def _description(vocabulary: Vocabulary, category: Category, item: ProductType, random: Random) -> list[str]:
    """Two to four templates: its use and its make in either order, then details, at times a line of the shop. Most
    begin by naming the product."""
    parts = [random.choice(item.use), random.choice(item.make)]
    if random.random() < 0.25:
        parts.reverse()
    parts += random.sample(item.detail, random.choice([0, 1, 1, min(2, len(item.detail))]))
    closings = category.fitting(category.closings, item)
    if closings and len(parts) < 4 and random.random() < 0.4:
        parts.append(random.choice(closings))
    opening = random.choice(vocabulary.products.openings)
    return [opening, *parts] if opening else parts


def _variants(model: Model, random: Random) -> list[dict[str, Any]]:
    vary = model.type.vary
    if vary is None:
        return [model.values]
    others = sorted({value for value in model.type.attributes[vary] if value != model.values[vary]}, key=str)
    count = random.choices(*VARIANT_COUNTS)[0]
    return [
        model.values,
        *({**model.values, vary: value} for value in random.sample(others, min(count - 1, len(others)))),
    ]


def _listing(model: Model, values: dict[str, Any], sellers: list[Seller], seed: int, index: int) -> Listing:
    random = stream(seed, "product", index)
    seller = random.choice(sellers)
    price = shelf_price(_variant_price(model, values), random)
    names: dict[str, Any] = {"brand": model.brand, "line": model.line, "noun": model.noun, "model": model.code or ""}
    words = {**values, **names, **model.type.say.words}
    spoken = {name: _in_sentence(name, value) for name, value in words.items()}
    motif = motif_of(model.type, values, model.brand, model.noun)
    record: Record = {
        "id": identifier(seed, "p", index),
        "title": fill(model.title, {name: value if name in names else titled(value) for name, value in words.items()}),
        "description": " ".join(sentence(template, spoken) for template in model.description),
        "language": "en",
        "category": [model.category.category, *model.type.path],
        "brand": model.brand,
        "model": model.code,
        "gtin": [gtin(index, random)],
        "group_id": identifier(seed, "g", model.number),
        "attributes": values,
        "price": price,
        "list_price": list_price(price, random),
        "currency": "EUR",
        "stock": 0 if random.random() < 0.08 else max(1, int(lognormal(random, 30, 1.1))),
        "images": motif.urls,
        "seller_id": seller.id,
        "seller_name": seller.name,
        **_history(model, seller, price, random),
    }
    known = {name: value for name, value in record.items() if value is not None}
    return Listing(known, model.category, model.type, model.number, model.quality, {**spoken, "price": price}, motif)


def _variant_price(model: Model, values: dict[str, Any]) -> float:
    """The model's price, moved when the variants differ in something that is paid for, like an amount."""
    vary = model.type.vary
    if vary is None or vary not in model.type.price.by:
        return model.raw_price
    rule = model.type.price.by[vary]
    if isinstance(rule, dict):
        return model.raw_price * rule.get(str(values[vary]), 1.0) / rule.get(str(model.values[vary]), 1.0)
    return model.raw_price * float((values[vary] / model.values[vary]) ** rule)


def _history(model: Model, seller: Seller, price: float, random: Random) -> Record:
    """Age, sales, ratings and returns. Sales are heavy-tailed, and quality moves them, ratings and returns."""
    age = min(OLDEST_DAYS, random.expovariate(1 / 260) + 1)
    quality = 0.6 * model.quality + 0.4 * seller.quality
    appeal = (age / 260) ** 0.7 * (price / model.type.price.median) ** -0.4 * 4 ** (quality - 0.7)
    sales = min(200_000, int(lognormal(random, 45 * appeal, 1.7)))
    ratings = int(sales * random.uniform(0.03, 0.15))
    rating = min(5.0, max(1.0, 1.9 + 3.1 * quality + random.gauss(0, 1.1 / (1 + ratings) ** 0.5)))
    created = REFERENCE - timedelta(days=age)
    return {
        "rating": round(rating, 1) if ratings else None,
        "rating_count": ratings,
        "sales": sales,
        "returns": int(sales * min(0.6, model.category.returns * random.uniform(0.6, 1.4) * (2.1 - 1.5 * quality))),
        "created_at": instant(created),
        "updated_at": instant(REFERENCE - timedelta(days=min(age, random.expovariate(1 / 20)))),
    }


def gtin(index: int, random: Random) -> str:
    """A GTIN-13 of the range 20–29, which GS1 keeps for use within a shop, with its check digit."""
    digits = f"20{index:06d}{random.randrange(10_000):04d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def titled(value: Value | list[str]) -> Value | list[str]:
    """`"washed linen"` → `"Washed Linen"`, as titles are written; small words, units and capitals stay."""
    if not isinstance(value, str):
        return value
    return LOWER_WORD.sub(
        lambda word: word[0] if word[0] in SMALL_WORDS | UNITS else word[0][0].upper() + word[0][1:], value
    )


def _in_sentence(name: str, value: Any) -> Any:
    return value.lower() if name == "colour" else value

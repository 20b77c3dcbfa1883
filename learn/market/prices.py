"""Prices as shops write them: a lognormal draw by type, moved by attributes, then a psychological ending."""

from __future__ import annotations

import math
from random import Random
from statistics import median

from learn.market.text import spoken
from learn.market.vocabulary import ProductType, Value

WIDEST = 1.7  # standard deviations; beyond them a price no longer fits its type
DISCOUNTED = 0.28  # share of products with a list price above the price


def draw_price(item: ProductType, values: dict[str, Value], brand_level: float, random: Random) -> float:
    """A raw price in EUR; `brand_level` is the brand's own factor, near 1."""
    factor = brand_level
    for name, rule in item.price.by.items():
        value = values[name]
        if isinstance(rule, dict):
            factor *= rule.get(spoken(value), 1.0)
        else:
            assert isinstance(value, (int, float))
            factor *= (value / _middle(item, name)) ** rule
    deviations = max(-WIDEST, min(WIDEST, random.gauss(0.0, 1.0)))
    return item.price.median * factor * math.exp(item.price.sigma * deviations)


def shelf_price(raw: float, random: Random) -> float:
    """The nearest price with a usual ending: 4.49, 24.99, 119.00, 549.00, 1,299.00."""
    if raw < 10:
        return round(max(0.0, int(raw)) + random.choice([0.49, 0.79, 0.99, 0.99]), 2)
    if raw < 100:
        return round(int(raw) + random.choice([0.99, 0.99, 0.95, 0.90, 0.0]), 2)
    tens = round(raw / 10) * 10 if raw < 1_000 else round(raw / 50) * 50
    return float(tens - 1) if random.random() < 0.75 else round(tens - 0.1, 2)


def list_price(price: float, random: Random) -> float | None:
    """The struck-through price, 10 to 40% higher up; None for most products."""
    if random.random() > DISCOUNTED:
        return None
    return max(shelf_price(price / (1 - random.uniform(0.1, 0.4)), random), round(price * 1.08, 2))


def _middle(item: ProductType, name: str) -> float:
    known = item.attributes.get(name) or [row[name] for row in item.together]
    return float(median(value for value in known if isinstance(value, (int, float))))

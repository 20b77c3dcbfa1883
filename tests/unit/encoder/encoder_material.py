"""A small shop for the tests of fine-tuning: documents, the numbers of the training, judgments."""

from __future__ import annotations

from typing import Any

from learn.encoder.rules import EncoderRules
from learn.judgments import Judgments
from stack.documents import Product

NOW = "2026-01-01T00:00:00Z"
TYPES = ("toner cartridge", "laptop bag", "usb cable", "wireless mouse", "desk lamp", "coffee maker")
BRANDS = ("Acme", "Zenit", "Nordic")


def product(number: int, title: str, **fields: Any) -> Product:
    return Product.model_validate({"id": f"p{number}", "title": title, "updated_at": NOW} | fields)


def shop(size: int = 60) -> list[Product]:
    """`Acme X100 toner cartridge black` and its like: six types, three brands, each with a description."""
    made = []
    for number in range(size):
        kind, brand = TYPES[number % len(TYPES)], BRANDS[number % len(BRANDS)]
        title = f"{brand} X{100 + number} {kind} black"
        fields = {
            "brand": brand,
            "category": [kind.title()],
            "description": f"Model {number} lasts {number + 2} years",
            "attributes": {"colour": "Black", "weight": float(number)},
        }
        made.append(product(number, title, **fields))
    return made


def rules(**changes: Any) -> EncoderRules:
    numbers = {
        "shares": {"title": 0.3, "phrase": 0.7, "judged": 1.0},
        "phrase_titles": 3,
        "phrase_words": 3,
        "phrase_brand": 0.3,
        "learning_rate": 2e-5,
        "scale": 20.0,
        "warmup": 0.1,
        "weight_decay": 0.01,
        "batch": 4,
        "steps": 3,
        "frozen_layers": 3,
        "keep": 0.5,
        "checkpoint": 1,
        "threads": 1,
    }
    return EncoderRules.model_validate(numbers | changes)


def judgments(ratings: dict[str, dict[str, int]]) -> Judgments:
    return Judgments(ratings, ("rated.csv",))

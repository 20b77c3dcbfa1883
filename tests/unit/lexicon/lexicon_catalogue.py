"""A catalogue of a few dozen made-up products, as a scan gives them, and its tally."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.understand.rules import LexiconRules, load_lexicon_rules
from learn.lexicon.tally import Tally
from stack.settings import ROOT

RULES = load_lexicon_rules(ROOT / "mappings")
COLOURS = ("Black", "Red", "Grey")
SHOWN = {"Black": "black", "Red": "red", "Grey": "gray"}


def product(id_: str, title: str, **fields: Any) -> dict[str, Any]:
    """One product as `scan.documents` gives it."""
    return {"id": id_, "title": title, **fields}


def shop(each: int = 20) -> list[dict[str, Any]]:
    """Headphones and cables in categories, toners in none."""
    found = []
    for place in range(each):
        colour = COLOURS[place % 3]
        found += [
            product(
                f"h{place}", f"Acme HX{place}00 wireless headphones {SHOWN[colour]}", brand="Acme Technology",
                model=f"HX{place}00", category=["Audio", "Headphones"], description="Over ear headphone, 32 ohm",
                attributes={"product colour": colour, "driver type": "Dynamic", "weight": 210.0, "bluetooth": True},
            ),
            product(
                f"c{place}", f"Tripp Lite USB cable for printers {place} m", brand="Tripp Lite",
                category=["Computers", "Cables"],
                attributes={"connector 1": ["USB A", "USB B"], "product colour": colour},
            ),
            product(
                f"t{place}", f"Acme TN{place}10 toner cartridge, 2600 pages", brand="Acme Technology",
                model=f"TN{place}10", attributes={"type": "Original", "quantity": "1"},
            ),
        ]  # fmt: skip
    return found


def tally_of(products: Iterable[dict[str, Any]], rules: LexiconRules = RULES) -> Tally:
    """Everything counted."""
    tally = Tally(rules)
    for each in products:
        tally.add("product", each)
    return tally

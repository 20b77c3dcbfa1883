"""The shelves of the home page, from the answers of their searches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.http.formats import discount
from api.http.i18n import Words
from api.http.links import search_url
from api.http.page_cards import Card, Shown, cards
from api.http.storefront_rules import ShelfRules, StorefrontRules
from api.model import Answer, Hit


@dataclass(frozen=True)
class Shelf:
    """A row of cards under a heading, and the search that shows all of it."""

    title: str
    href: str
    cards: list[Card]
    query_id: str


def shelf(each: ShelfRules, answer: Answer, shown: Shown, rules: StorefrontRules, words: Words) -> Shelf:
    """The hits that the shelf takes, in its order."""
    hits = deals(answer.hits, rules.least_saving) if each.order == "saving" else answer.hits
    return Shelf(
        words.gettext(each.title), search_url(each.request()), cards(hits[: each.size], shown), answer.query_id
    )


def deals(hits: Sequence[Hit], least: int) -> list[Hit]:
    """The hits that cost at least `least` percent less than before, the greatest saving first."""
    found = [(saving(hit), hit) for hit in hits]
    return [hit for percent, hit in sorted(found, key=lambda one: -one[0]) if percent >= max(1, least)]


def saving(hit: Hit) -> int:
    """In whole percent of the list price."""
    price, before = hit.document.get("price"), hit.document.get("list_price")
    return discount(price, before) if price is not None and before else 0

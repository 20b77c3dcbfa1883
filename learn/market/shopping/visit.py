"""One visit to the shop: searches, what is seen of each row, and what comes of it; as records of UBI 1.3."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from learn.market.judging.facts import Fact
from learn.market.shopping.asked import Asked, Card, Demand
from learn.market.shopping.rules import BehaviourWords
from learn.market.text import Record

APPLICATION = "market"


def new_id(random: Random) -> str:
    """A UUID of a random stream."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


@dataclass
class Visit:
    """Somebody with a clock. `records` gives the searches and events in the order in which they begin."""

    words: BehaviourWords
    demand: Demand
    products: Mapping[str, Fact]
    client_id: str
    now: datetime
    random: Random

    def records(self) -> Iterator[Record]:
        """Queries (without `action_name`) and events of the visit."""
        session = new_id(self.random)
        while True:
            asked = self.demand.draw(self.random)
            query_id = new_id(self.random)
            yield self._query(asked, query_id)
            for event in self._looked_at(asked):
                yield {**event, "query_id": query_id, "session_id": session}
            self._wait(4, 40)
            if self.random.random() >= (self.words.another_search if asked.row else self.words.after_nothing):
                return

    def _query(self, asked: Asked, query_id: str) -> Record:
        """What the shop's own log would say of it; a simulated shop has no times of its stages to tell."""
        total = sum(asked.totals.values())
        return {
            "application": APPLICATION,
            "query_id": query_id,
            "client_id": self.client_id,
            "user_query": asked.text,
            "timestamp": self.now,
            "object_id_field": "id",
            "query_response_id": query_id,
            "query_response_hit_ids": [card.fact.id for card in asked.row],
            "query_attributes": {
                "entrance": "page",
                "page": 1,
                "size": self.words.row,
                "total": total,
                "totals": asked.totals,
                "has_results": bool(asked.row),
                "hit_types": [card.kind for card in asked.row],
            },
        }

    def _looked_at(self, asked: Asked) -> Iterator[Record]:
        seen = 0
        while seen < len(asked.row) and (seen == 0 or self.random.random() < self.words.goes_on):
            seen += 1
        self._wait(1, 3)
        for place, card in enumerate(asked.row[:seen], start=1):
            yield self._event("impression", card.kind, card.fact, place)
        for place, card in enumerate(asked.row[:seen], start=1):
            self._wait(0.5, 3)
            closely = place**-self.words.examination
            if self.random.random() < closely * self.words.click[card.rating]:
                yield self._event("click", card.kind, card.fact, place)
                yield from self._opened(card, place)

    def _opened(self, card: Card, place: int) -> Iterator[Record]:
        self._wait(5, 60)
        if card.kind == "product":
            if self.random.random() < self.words.cart[card.rating]:
                yield from self._bought(card.fact, place)
            return
        watching = "watch" if card.kind == "video" else "join"
        seconds = self._watched(card)
        yield self._event(watching, card.kind, card.fact, place, seconds=round(seconds, 1))
        self.now += timedelta(seconds=seconds)
        shown = [each for each in map(self.products.get, shown_products(card.fact.record)) if each]
        if shown and self.random.random() < self.words.cart_from[card.kind]:
            yield from self._bought(self.random.choice(shown), via=f"{card.kind}:{card.fact.id}")

    def _watched(self, card: Card) -> float:
        whole = float(card.fact.record.get("duration_s") or 60 * self.words.minutes)
        mean = self.words.watched * (0.5 if card.fact.poor else 1)
        return whole * min(1.0, self.random.betavariate(2, 2 / mean - 2) if mean < 1 else 1.0)

    def _bought(self, product: Fact, place: int | None = None, **how: Any) -> Iterator[Record]:
        money = {"value": product.record["price"], "currency": product.record.get("currency", "EUR"), "quantity": 1}
        yield self._event("add_to_cart", "product", product, place, **money, **how)
        if self.random.random() >= self.words.purchase:
            return
        self._wait(30, 300)
        yield self._event("purchase", "product", product, place, **money, **how)
        if self.random.random() < self.words.refund["poor" if product.poor else "good"]:
            days = self.random.uniform(*self.words.refund_days)
            event = self._event("refund", "product", product, place, **money, **how)
            yield event | {"timestamp": event["timestamp"] + timedelta(days=days)}

    def _event(self, action: str, kind: str, fact: Fact, place: int | None = None, **details: Any) -> Record:
        attributes: Record = {"object": {"object_id": fact.id, "object_id_type": kind, "object_id_field": "id"}}
        if place is not None:
            attributes["position"] = {"ordinal": place}
        return {
            "application": APPLICATION,
            "action_name": action,
            "client_id": self.client_id,
            "timestamp": self.now,
            "event_attributes": attributes | details,
        }

    def _wait(self, least: float, most: float) -> None:
        self.now += timedelta(seconds=round(self.random.uniform(least, most), 3))


def shown_products(record: Record) -> list[str]:
    """Ids of the products that a video or a live shows: both a list of ids and a list of spans are about."""
    return [each["id"] if isinstance(each, dict) else str(each) for each in record.get("products") or []]

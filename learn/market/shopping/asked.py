"""What is asked in a market, how often, and the row that its shop answers with."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from learn.market.judging.facts import Fact
from learn.market.judging.speech import Speech
from learn.market.judging.wants import Want, rate
from learn.market.judgments import ask
from learn.market.shopping.rules import BehaviourWords
from learn.market.text import stream
from stack.documents import KINDS, Kind


@dataclass(frozen=True)
class Card:
    """A place of the row: the document, and how well it truly serves the query, 0 to 3."""

    kind: Kind
    fact: Fact
    rating: int


@dataclass(frozen=True)
class Asked:
    """A query, the row it gets, and how many documents of each type are right."""

    text: str
    row: tuple[Card, ...]
    totals: Mapping[Kind, int]


class Demand:
    """All that is asked, drawn by popularity. The same market and seed give the same."""

    def __init__(self, speech: Speech, words: BehaviourWords, seed: int) -> None:
        asked = [(kind, want) for kind in KINDS for _, want in ask(speech, kind, seed, words.queries[kind])]
        # The same words, meant for a product and for a video, get one row.
        wants = list({want.text: (kind, want) for kind, want in reversed(asked)}.values())
        stream(seed, "popularity").shuffle(wants)
        self._asked = [_answered(speech, words, kind, want, stream(seed, "row", want.text)) for kind, want in wants]
        self._asked = [asked for asked in self._asked if asked.row]
        self._weights = list(accumulate((place + 1) ** -words.popularity for place in range(len(self._asked))))
        # What the market does not sell, unless this one does.
        nothing: Mapping[Kind, int] = dict.fromkeys(KINDS, 0)
        known = {word for name in speech.meant for word in name.split()}
        self._nothing = [Asked(text, (), nothing) for text in words.unsold if not known & set(text.split())]
        self._share = words.nothing if self._nothing else 0.0

        # Another market has other visits, with other ids, though its seed is the same.
        texts = sorted(want.text for _, want in wants)
        goods = sorted(fact.id for fact in speech.truth.facts["product"])
        self.market = hashlib.blake2b(repr((texts, goods)).encode(), digest_size=8).hexdigest()

    def __len__(self) -> int:
        return len(self._asked)

    def draw(self, random: Random) -> Asked:
        """A query that somebody types."""
        if random.random() < self._share:
            return random.choice(self._nothing)
        return random.choices(self._asked, cum_weights=self._weights)[0]


def _answered(speech: Speech, words: BehaviourWords, own: Kind, want: Want, random: Random) -> Asked:
    """The shop sorts by the truth with an error, gives each type its places, and shows a few things that do not fit."""
    fitting = [Card(kind, fact, rating) for kind, fact, rating in _rated(speech, want)]
    totals: dict[Kind, int] = {kind: sum(card.kind == kind for card in fitting) for kind in KINDS}
    facts = speech.truth.facts[own]
    misfits = [Card(own, fact, rate(want, fact)) for fact in random.sample(facts, min(words.misfits, len(facts)))]
    shown = {(card.kind, card.fact.id): card for card in [*misfits, *fitting]}.values()
    scored = sorted(
        shown,
        key=lambda card: card.rating + words.own_type * (card.kind == own) + random.gauss(0, words.ranking_error),
        reverse=True,
    )
    taken: defaultdict[Kind, int] = defaultdict(int)
    row: list[Card] = []
    for card in scored:
        if taken[card.kind] < words.most[card.kind] and len(row) < words.row:
            taken[card.kind] += 1
            row.append(card)
    return Asked(want.text, tuple(row) if fitting else (), totals)


def _rated(speech: Speech, want: Want) -> Iterator[tuple[Kind, Fact, int]]:
    for kind in KINDS:
        for fact in speech.truth.facts[kind]:
            if rating := rate(want, fact):
                yield kind, fact, rating

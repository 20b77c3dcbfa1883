"""What is true of each document of a market."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from learn.market.text import Record
from learn.market.vocabulary import Vocabulary
from stack.documents import Kind

Traits = Mapping[str, frozenset[str]]
WORD = re.compile(r"\w{3,}")
TEXTS = ("title", "description", "transcript", "brand", "category", "hashtags", "attributes", "host_name")


@dataclass(frozen=True)
class Fact:
    """A document and what it is: `type` its product type or topic, `beside` the types that it shows too.

    `traits` are what a shopper may ask for, lower-cased; `poor` says that its hidden quality is low, or that it is a
    live that is over.
    """

    id: str
    record: Record
    type: str
    poor: bool
    traits: Traits
    beside: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its texts."""
        return words_of(" ".join(str(self.record.get(name, "")) for name in TEXTS))

    def one(self, trait: str) -> str:
        """Its first value of a trait; "" when it has none."""
        return min(self.traits.get(trait, ()), default="")


def words_of(text: str) -> frozenset[str]:
    """Words of three letters and more, lower-cased."""
    return frozenset(WORD.findall(text.lower()))


@dataclass(frozen=True)
class Truth:
    """The documents of a market by kind, in the order of its files."""

    facts: Mapping[Kind, Sequence[Fact]]
    vocabulary: Vocabulary

    @cached_property
    def roots(self) -> dict[str, frozenset[str]]:
        """Top category → its types."""
        return {each.category: frozenset(item.type for item in each.types) for each in self.vocabulary.categories}

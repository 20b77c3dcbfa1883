"""How shoppers call things: names of types, what a name may mean, slips of the finger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from learn.market.judging.facts import Fact, Truth
from learn.market.judging.wants import Want, Wish
from learn.market.judging.words import JudgmentWords
from learn.market.text import fill

# Own name, its plural, one of the other names: how often each is typed.
CALLED = (45, 25, 30)
SHORTEST_SLIP = 5


@dataclass(frozen=True)
class Speech:
    """The words of shoppers over one market."""

    words: JudgmentWords
    truth: Truth

    def name(self, type: str, random: Random) -> str:
        """`sneakers` → `sneakers`, `trainers`."""
        own = self.truth.vocabulary.types[type].say.words
        others = self.words.names.get(type) or [own["thing"]]
        said = (own["thing"], own["things"], random.choice(others))
        return random.choices(said, CALLED)[0].lower()

    def things(self, type: str) -> str:
        """The plural: `air fryers`."""
        return str(self.truth.vocabulary.types[type].say.words["things"]).lower()

    def want(self, text: str, names: str, *wishes: Wish, most: float | None = None, exact: bool = False) -> Want:
        """What is wanted by a text in which `names` is the word for the thing."""
        types = self.meant[names]
        return Want(text, types, self._near(types), wishes, most, exact)

    @cached_property
    def meant(self) -> Mapping[str, frozenset[str]]:
        """Name → the types that it may mean."""
        found: dict[str, set[str]] = defaultdict(set)
        for type, item in self.truth.vocabulary.types.items():
            own = item.say.words
            for name in (own["thing"], own["things"], *item.nouns, *self.words.names.get(type, ())):
                found[name.lower()].add(type)
        return {name: frozenset(types) for name, types in (found | self.words.broad).items()}

    def _near(self, types: frozenset[str]) -> frozenset[str]:
        groups = (frozenset(group) for group in self.words.near if types & set(group))
        return frozenset[str]().union(*groups) - types


# Somebody has a document in mind and types part of what is true of it; None when this form says nothing of it.
Form = Callable[[Speech, Fact, Random], Want | None]


def typed(template: str, **values: str) -> str:
    """A filled template in lower case. An article that `fill` would mend cannot occur: shoppers type none."""
    return fill(template, values).lower()


def slip(text: str, random: Random) -> str:
    """A typing mistake in the longest word: two letters swapped, one left out, or one typed twice.

    `bluetooth speaker` → `bluetoth speaker`. Short words stay as they are: another letter makes them another word.
    """
    words = text.split()
    place = max(range(len(words)), key=lambda place: len(words[place]))
    word = words[place]
    if len(word) < SHORTEST_SLIP or not word.isalpha():
        return text
    at = random.randrange(1, len(word) - 2)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    slipped = before + random.choice((after[0] + letter + after[1:], after, letter + letter + after))
    return " ".join([*words[:place], slipped, *words[place + 1 :]])

"""Training texts of the category classifier: titles, and what a shopper would type of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log1p
from random import Random

from api.understand.categories import NONE
from api.understand.rules import CategoryRules
from api.understand.vocabulary import words_of
from learn.lexicon.behaviour import Behaviour
from learn.lexicon.tally import Example
from stack.documents import CATEGORY_SEPARATOR


@dataclass(frozen=True)
class Text:
    """A text, the category it wants (`NONE`: none), how much it counts, and whether it is short like a query. `seen` is
    how often its words count as seen: those of a title once, however many queries are made of it.
    """

    text: str
    label: str
    weight: float = 1.0
    short: bool = False
    seen: int = 1


def label_of(example: Example, known: frozenset[str]) -> str:
    """The path of its category as one text; `NONE` when it has none, or one too small to learn."""
    label = CATEGORY_SEPARATOR.join(example.category)
    return label if label in known else NONE


def example_texts(examples: Iterable[Example], known: frozenset[str], rules: CategoryRules) -> Iterator[Text]:
    """Each title, and `short_forms` queries made of it."""
    for example in examples:
        label = label_of(example, known)
        yield Text(example.title, label)
        # By the product's own place, so that it gets the same forms in whatever catalogue it stands.
        chance = Random(rules.seed + example.place)  # noqa: S311  nothing secret
        for _ in range(rules.short_forms):
            yield Text(short_form(words_of(example.title), chance, rules.most_words), label, short=True, seen=0)


def short_form(words: list[str], chance: Random, most_words: int) -> str:
    """One to `most_words` words of a title in their order: next to each other or not, mostly without numbers."""
    plain = [word for word in words if word.isalpha()]
    chosen = plain if plain and chance.random() < 0.8 else words
    length = min(len(chosen), chance.randint(1, most_words))
    if chance.random() < 0.5:
        start = chance.randint(0, len(chosen) - length)
        return " ".join(chosen[start : start + length])
    return " ".join(chosen[place] for place in sorted(chance.sample(range(len(chosen)), length)))


def label_texts(known: frozenset[str], rules: CategoryRules) -> Iterator[Text]:
    """Each category's own label: `Headphones` of `Audio > Headphones`."""
    for label in sorted(known):
        leaf = label.rsplit(CATEGORY_SEPARATOR, 1)[-1]
        yield Text(leaf, label, rules.label_copies, short=True, seen=rules.min_feature)


def behaviour_texts(rows: Iterable[Behaviour], known: frozenset[str], rules: CategoryRules) -> Iterator[Text]:
    """What shoppers asked, weighted by the logarithm of how often: one query must not be the whole training."""
    for row in rows:
        if row.category in known:
            yield Text(row.query, row.category, log1p(row.weight), short=True, seen=rules.min_feature)

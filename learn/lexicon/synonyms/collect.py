"""What synonyms are mined from, counted in one pass over the products."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from api.understand.vocabulary import words_of
from learn.lexicon.synonyms.abbreviations import abbreviations_in

NEAR = (-2, -1, 1, 2)
MOST_CONTEXTS = 4_000_000


@dataclass
class Collection:
    """Counters over products. A context of a word is a neighbour with its place: (-1, "wireless") of `headphones`."""

    products: int = 0
    titles: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    contexts: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    abbreviations: Counter[tuple[str, str]] = field(default_factory=Counter)
    values: Counter[tuple[str, str]] = field(default_factory=Counter)
    value_words: Counter[str] = field(default_factory=Counter)
    absent_values: Counter[str] = field(default_factory=Counter)
    beside: Counter[tuple[str, str]] = field(default_factory=Counter)
    brand_words: set[str] = field(default_factory=set)
    examples: dict[str, str] = field(default_factory=dict)
    _attributes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, document: dict[str, Any]) -> None:
        """Count one product, as `scan.documents` gives it."""
        self.products += 1
        title, description = words_of(document["title"]), words_of(document.get("description") or "")
        attributes = document.get("attributes", {})
        values = {value for listed in attributes.values() for value in _single_words(listed)}
        spelt_out = [document["title"], document.get("description") or "", *_texts(attributes)]
        self.titles.update(set(title))
        self.words.update({*title, *description, *(word for text in spelt_out[2:] for word in words_of(text))})
        self.pairs.update(set(pairwise(title)))
        self.abbreviations.update(abbreviations_in(spelt_out))
        self.brand_words.update(words_of(document.get("brand") or ""))
        self._add_contexts(title, description)
        self._add_values(set(title), values, attributes)
        for word in title:
            self.examples.setdefault(word, document["title"])

    def siblings(self, first: str, second: str) -> bool:
        """Are both a whole value of one attribute? Then they are alternatives (red, green), not the same."""
        return bool(self._attributes.get(first, set()) & self._attributes.get(second, set()))

    def _add_contexts(self, *texts: list[str]) -> None:
        self.contexts.update(
            (word, near, text[place + near])
            for text in texts
            for place, word in enumerate(text)
            for near in NEAR
            if 0 <= place + near < len(text)
        )
        if len(self.contexts) > MOST_CONTEXTS:
            self.contexts = Counter({context: count for context, count in self.contexts.items() if count > 1})

    def _add_values(self, title: set[str], values: set[str], attributes: dict[str, Any]) -> None:
        self.value_words.update(values)
        absent = values - title
        self.absent_values.update(absent)
        # A title word beside a value that the title itself does not have: `gray` beside the colour Grey.
        self.beside.update((value, word) for value in absent for word in title if word.isalpha())
        for name, listed in attributes.items():
            for value in _single_words(listed):
                self._attributes[value].add(name)


def _single_words(listed: Any) -> Iterable[str]:
    for value in listed if isinstance(listed, list) else [listed]:
        if isinstance(value, str) and len(value) <= 24 and len(words := words_of(value)) == 1 and words[0].isalpha():
            yield words[0]


def _texts(attributes: dict[str, Any]) -> list[str]:
    found = list(attributes)
    for listed in attributes.values():
        found += [value for value in (listed if isinstance(listed, list) else [listed]) if isinstance(value, str)]
    return found

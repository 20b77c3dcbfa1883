"""What is counted while the catalogue is read: one `Tally`, fed document by document, in bounded memory."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from api.understand.lexicon import MIXED, shape_of
from api.understand.rules import LexiconRules
from api.understand.vocabulary import GROUPS, words_of
from learn.lexicon.heads import end_of, words_before_for
from stack.documents import Kind, is_measure

PEOPLE: dict[str, str] = {"creator_name": "creator", "host_name": "host", "seller_name": "seller"}


@dataclass(frozen=True, order=True)
class Example:
    """A title and the category it stands in; () for none. Ordered by a hash of the id: by chance, but fixed."""

    place: int
    id: str
    title: str
    category: tuple[str, ...]


@dataclass
class Tally:
    """Counters over the documents that were added; names with `Counter[str]` count documents by word or label."""

    rules: LexiconRules
    documents: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    product_words: Counter[str] = field(default_factory=Counter)
    groups: dict[str, Counter[str]] = field(default_factory=lambda: {group: Counter() for group in GROUPS})
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    brands: Counter[str] = field(default_factory=Counter)
    categories: Counter[tuple[str, ...]] = field(default_factory=Counter)
    attributes: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: Counter[tuple[str, str]] = field(default_factory=Counter)
    ends: Counter[tuple[str, ...]] = field(default_factory=Counter)
    before_for: Counter[str] = field(default_factory=Counter)
    after_number: Counter[str] = field(default_factory=Counter)
    title_uses: Counter[str] = field(default_factory=Counter)
    model_shapes: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    _sample: list[tuple[int, str, Example]] = field(default_factory=list)

    def add(self, kind: Kind, document: dict[str, Any]) -> None:
        """Count one document, as `scan.documents` gives it."""
        self.documents[kind] += 1
        by_group = self._by_group(document)
        for group, words in by_group.items():
            self.groups[group].update(words)
        everything = set().union(*by_group.values())
        self.words.update(everything)
        title = words_of(document["title"])
        self._add_pairs(title)
        self._add_labels(kind, document)
        if kind == "product":
            self.product_words.update(everything)
            self._add_title(document, title)
            self._add_example(document)

    @property
    def examples(self) -> list[Example]:
        """The products that the classifier learns from, in a fixed order."""
        return sorted(item for _, _, item in self._sample)

    def _by_group(self, document: dict[str, Any]) -> dict[str, set[str]]:
        people = [document[name] for name in PEOPLE if document.get(name)]
        return {
            "title": set(words_of(document["title"])),
            "brand": set(words_of(document.get("brand") or "")),
            "category": _words_of_all(document.get("category", ())),
            "description": set(words_of(document.get("description") or "")),
            "attribute": _words_of_all(_attribute_texts(document.get("attributes", {}))),
            "hashtag": _words_of_all(document.get("hashtags", ())),
            "person": _words_of_all(people),
            "model": set(words_of(document.get("model") or "")),
        }

    def _add_pairs(self, title: list[str]) -> None:
        self.pairs.update(set(pairwise(title)))
        if len(self.pairs) > self.rules.vocabulary.most_pairs:
            self.pairs = Counter({pair: count for pair, count in self.pairs.items() if count > 1})

    def _add_labels(self, kind: Kind, document: dict[str, Any]) -> None:
        if brand := document.get("brand"):
            self.brands[brand] += 1
        if kind in self.rules.dictionaries.category_kinds and document.get("category"):
            self.categories[tuple(document["category"])] += 1
        self.people.update((name, document[key]) for key, name in PEOPLE.items() if document.get(key))
        longest = self.rules.dictionaries.longest_value
        self.attributes.update(
            (name, value)
            for name, values in document.get("attributes", {}).items()
            for value in set(_strings(values))
            if len(value) <= longest
        )

    def _add_title(self, document: dict[str, Any], title: list[str]) -> None:
        self.ends[end_of(document["title"])] += 1
        self.before_for.update(words_before_for(f"{document['title']}. {document.get('description') or ''}"))
        self.title_uses.update(title)
        self.after_number.update(word for before, word in pairwise(title) if before.isdigit())
        models = set(words_of(document.get("model") or ""))
        for word in {word for word in title if MIXED.match(word)}:
            self.shapes[shape_of(word)] += 1
            self.model_shapes[shape_of(word)] += word in models and not is_measure(word)

    def _add_example(self, document: dict[str, Any]) -> None:
        digest = hashlib.blake2b(document["id"].encode(), digest_size=7).digest()
        place = int.from_bytes(digest, "big")
        example = Example(place, document["id"], document["title"], tuple(document.get("category", ())))
        # A heap of the smallest places: the largest is on top as the smallest negative.
        item = (-place, example.id, example)
        if len(self._sample) < self.rules.categories.most_documents:
            heapq.heappush(self._sample, item)
        else:
            heapq.heappushpop(self._sample, item)


@lru_cache(maxsize=1 << 16)
def _words(text: str) -> tuple[str, ...]:
    """Labels and values come again and again."""
    return tuple(words_of(text))


def _words_of_all(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _words(text)}


def _attribute_texts(attributes: dict[str, Any]) -> list[str]:
    """As they are searched (`documents.attribute_text`): values with their names; a flag that is false says nothing."""
    return [text for name, values in attributes.items() if values is not False for text in (name, *_strings(values))]


def _strings(values: Any) -> list[str]:
    listed = values if isinstance(values, list) else [values]
    return [value for value in listed if isinstance(value, str)]

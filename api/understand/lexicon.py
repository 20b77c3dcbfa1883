"""What is known of the catalogue's language. Built by `souk understand build`, loaded once, never changed.

lexicon.count("headphones") → 412        lexicon.bigram("smart", "watch") → 3
lexicon.entries → (Entry("hewlett packard", "brand", …), …)
lexicon.categories("bluetooth headphones") → (("Headphones", 0.71), …)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from api.understand.dictionaries import Entry
from api.understand.vocabulary import Vocabulary
from stack.published import Version

Ranked = tuple[tuple[str, float], ...]
Classifier = Callable[[str], Ranked]
MOST_CATEGORIES = 5
MIXED = re.compile(r"(?=.*\d)(?=.*[^\W\d_])")


def no_category(_text: str) -> Ranked:
    """The classifier of a catalogue that has no categories."""
    return ()


@dataclass(frozen=True)
class Lexicon:
    """See the module. `shapes` maps a word's shape (`shape_of`) to the share of such words that are model numbers."""

    version: str
    documents: int
    vocabulary: Vocabulary
    entries: tuple[Entry, ...] = ()
    things: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    shapes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    classifier: Classifier = no_category

    @classmethod
    def load(cls, version: Version) -> Lexicon:
        """Read a published version. Raises ConfigError that names the file when one is cut short or foreign."""
        from api.understand.lexicon_files import read_lexicon

        return read_lexicon(version)

    @classmethod
    def of(
        cls,
        words: Mapping[str, int],
        *,
        documents: int | None = None,
        bigrams: Mapping[tuple[str, str], int] | None = None,
        entries: Iterable[Entry] = (),
        things: Iterable[str] = (),
        protected: Iterable[str] = (),
        categories: Classifier | Mapping[str, Ranked] | None = None,
        version: str = "test",
    ) -> Lexicon:
        """A lexicon from plain tables. `categories` maps a text to its answer, or is a function that does."""
        table = categories if isinstance(categories, Mapping) else {}
        return cls(
            version=version,
            documents=max([documents or 0, *words.values()]),
            vocabulary=Vocabulary.of(words, bigrams=bigrams),
            entries=tuple(entries),
            things=frozenset(things),
            kept=frozenset(protected),
            classifier=categories if callable(categories) else lambda text: tuple(table.get(text, ())),
        )

    @property
    def words(self) -> Mapping[str, int]:
        """Each word with the number of documents that hold it."""
        return self.vocabulary.words

    def count(self, word: str) -> int:
        """Documents that hold the word; 0 when none does."""
        return self.vocabulary.count(word)

    def counts(self, word: str) -> dict[str, int]:
        """The same by field group (`vocabulary.GROUPS`)."""
        return self.vocabulary.in_groups(word)

    def idf(self, word: str) -> float:
        """BM25's ln(1 + (N - n + 0.5) / (n + 0.5)): 0 and more, the rarer the more."""
        count = self.count(word)
        return math.log1p((self.documents - count + 0.5) / (count + 0.5))

    def bigram(self, first: str, second: str) -> int:
        """Titles in which `second` follows `first`."""
        return self.vocabulary.bigram(first, second)

    def protected(self, word: str) -> bool:
        """Is it a brand, a model number, a person or an attribute's value, which must never be "corrected"?"""
        return word in self.kept or bool(MIXED.match(word))

    def model_share(self, word: str) -> float:
        """How many of the catalogue's words of this shape are model numbers, 0 to 1: `tn2110` is one, `12mp` is not."""
        return self.shapes.get(shape_of(word), 0.0)

    def categories(self, text: str) -> Ranked:
        """Categories that a product for these words would stand in, with calibrated probabilities, best first, at most
        five. What is missing to 1 is "none of these": products without a category are trained as such.
        """
        return self.classifier(text)[:MOST_CATEGORIES]


def shape_of(word: str) -> str:
    """`tn2110` → `a9999`, `dv71211ea` → `a99999a`: runs of letters as one, digits counted up to five."""
    digits = re.sub(r"\d", "9", re.sub(r"[^\W\d_]+", "a", word))
    return re.sub(r"9{5,}", "99999", digits)

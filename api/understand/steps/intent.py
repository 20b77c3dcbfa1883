"""How probable it is that a product, a video or a live is wanted: "how to", "review" → video; "live now" → live.

Log-odds of the listed words and of a recognised person, added to the prior. The words stay in the text: "video" and
"live" are also the catalogue's own words ("video card", "live view"), a video titled "Mouse review" is the better
for them, and a product loses nothing for lacking one of several words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from api.understand.lexicon import Lexicon
from api.understand.model import Understanding
from api.understand.phrases import Found, Phrases
from api.understand.step import Did, Kit, Step
from api.understand.step_rules import IntentRules, Words
from api.understand.vocabulary import fold, singular
from stack.documents import KINDS, Kind

Hint = tuple[Kind, float]


@dataclass(frozen=True)
class _Reader:
    """The hints of a language."""

    lexicon: Lexicon | None
    rules: IntentRules
    hints: Phrases[Hint]

    def read(self, seen: Understanding) -> tuple[dict[Kind, float], list[str]]:
        """The probabilities, and why."""
        odds = {kind: math.log(self.rules.prior[kind]) for kind in KINDS}
        words = [fold(word) for word in seen.text.split()]
        why = []
        for hit in self.hints.all(words):
            if not self._is_product(words, hit, seen):
                kind, weight = hit.value
                odds[kind] += weight
                why.append(f"{' '.join(words[hit.start : hit.end])} → {kind}")
        for span in seen.of_type("person"):
            for kind, weight in self.rules.person.get(span.field or "", {}).items():
                odds[kind] += weight * span.certainty
            why.append(f"{span.text} is a person")
        return _softmax(odds), why

    def _is_product(self, words: Sequence[str], hit: Found[Hint], seen: Understanding) -> bool:
        """Is the hint a part of a product's name, as in "video card"?"""
        phrase = " ".join(words[hit.start : hit.end])
        if any(phrase in span.text.split() and span.text != phrase for span in seen.spans if span.type != "person"):
            return True
        lexicon = self.lexicon
        if lexicon is None or hit.end == len(words):
            return False
        # Only products have attributes: a word of many is a product's own ("video capture", "live view").
        if lexicon.counts(phrase).get("attribute", 0) < self.rules.product_share * lexicon.documents:
            return False
        after = words[hit.end]
        return singular(after) in lexicon.things or lexicon.bigram(phrase, after) >= self.rules.phrase_count


def make(kit: Kit) -> Step:
    """The step, with each language's hints."""
    languages = {*kit.languages, *kit.rules.words}
    readers = {language: _Reader(kit.lexicon, kit.rules.intent, _hints(kit.words(language))) for language in languages}

    def step(seen: Understanding) -> Did:
        reader = readers.get(seen.language) or readers[kit.languages[0]]
        shares, why = reader.read(seen)
        return Did(replace(seen, intent=MappingProxyType(shares)), max(shares.values()), "; ".join(why))

    return step


def _hints(words: Words) -> Phrases[Hint]:
    return Phrases({phrase: (kind, weight) for kind, hints in words.intent.items() for phrase, weight in hints.items()})


def _softmax(odds: Mapping[Kind, float]) -> dict[Kind, float]:
    total = math.fsum(map(math.exp, odds.values()))
    return {kind: math.exp(value) / total for kind, value in odds.items()}

"""The chain of query understanding. Read this file first: one ordered list of steps, each in the file of its name.

understand("wirless mouse without cable under 20 euro") →
text "wireless mouse", excluded ("cable",), price(lte=20, EUR), corrections (wirless → wireless), …
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from api.query.words import read_words
from api.understand.lexicon import Lexicon
from api.understand.model import StepReport, Understanding
from api.understand.step import Did, Kit, Step
from api.understand.step_rules import StepRules
from api.understand.steps import (
    category,
    compounds,
    intent,
    language,
    negation,
    normalise,
    price,
    recognise,
    spelling,
    synonyms,
)
from api.understand.vocabulary import words_of

# The order, and why each stands where it does.
STEPS: tuple[tuple[str, Callable[[Kit], Step]], ...] = (
    ("normalise", normalise.make),  # all others read clean, lower-case words
    ("language", language.make),  # the word lists of the others are by language
    ("spelling", spelling.make),  # "wihtout cable", "chepa": the words that steer the rest must be right first
    ("price", price.make),  # before compounds, which would join "40" of "wd under 40" to a word beside it
    ("negation", negation.make),  # before recognition: what is not wanted must not be recognised as wanted
    ("compounds", compounds.make),  # after corrections, so that both halves are words; before the dictionaries
    ("recognise", recognise.make),  # on the final words
    ("category", category.make),  # of what is wanted, without what it is for: recognition says which is which
    ("synonyms", synonyms.make),  # a report only; on the final words
    ("intent", intent.make),  # last: a recognised person or product name decides what "live" means
)
NAMES = tuple(name for name, _ in STEPS)


class Understander:
    """Understands queries with one lexicon. Pure, bounded (a query is cut at MAX_QUERY characters), never raises."""

    def __init__(self, lexicon: Lexicon | None, rules: StepRules, languages: tuple[str, ...]) -> None:
        self.kit = Kit(lexicon, rules, languages)
        self._steps = [(name, make(self.kit)) for name, make in STEPS]

    def understand(self, q: str, language: str | None = None, without: frozenset[str] = frozenset()) -> Understanding:
        """What a query means. `language` is the one that was asked for, `without` names steps to leave out."""
        lexicon = self.kit.lexicon
        seen = Understanding(
            original=q,
            text=read_words(q).text,
            language=language or self.kit.languages[0],
            version=lexicon.version if lexicon else None,
        )
        skipped = without | {"language"} if language else without
        for name, step in self._steps:
            if name not in skipped:
                seen = _reported(name, seen, step(seen))
        return replace(seen, informativeness=informativeness(seen.text, lexicon))


def _reported(name: str, before: Understanding, did: Did) -> Understanding:
    found = tuple(span for span in did.seen.spans if span not in before.spans)
    report = StepReport(name, before.text, did.seen.text, did.certainty, did.note, found)
    return replace(did.seen, steps=(*before.steps, report))


def informativeness(text: str, lexicon: Lexicon | None) -> dict[str, float]:
    """Each word's share of the text's IDF; the shares sum to 1. Without a lexicon all words are equal."""
    # Of a compound (`wi-fi`) the rarest part counts.
    idf = {
        word: max((lexicon.idf(key) for key in words_of(word)), default=0.0) if lexicon else 1.0
        for word in text.split()
    }
    total = math.fsum(idf.values())
    return {word: value / total if total else 0.0 for word, value in idf.items()}

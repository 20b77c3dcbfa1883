"""Mistyped words, corrected by the catalogue's own. What has results, is a brand, a number or a measure stays.

A noisy channel over the neighbours that SymSpell finds (github.com/wolfgarbe/SymSpell): how frequent the word is, how
likely the slip, whether it goes with the words beside it, against the chance that the word is right and only new to us.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from symspellpy import SymSpell, Verbosity

from api.understand.lexicon import Lexicon
from api.understand.model import Understanding
from api.understand.split import best_split
from api.understand.step import Did, Kit, Step, known, unchanged
from api.understand.step_rules import Words
from api.understand.typos import slip_cost
from api.understand.vocabulary import fold, singular

# A word of the lists counts as this share of all documents: "wihtout" may be corrected to one.
LISTED_SHARE = 0.05


@dataclass(frozen=True)
class Guess:
    """What a word was probably meant to be."""

    word: str
    certainty: float


def make(kit: Kit) -> Step:
    """The step; the index of neighbours is built here, once for a lexicon."""
    if kit.lexicon is None:
        return unchanged
    speller = Speller(kit, kit.lexicon)

    def step(seen: Understanding) -> Did:
        return _correct(seen, speller)

    return step


def _correct(seen: Understanding, speller: Speller) -> Did:
    words = seen.text.split()
    listed = speller.listed.get(seen.language, frozenset())
    corrections, offers, certainty = [], [], 1.0
    for place, word in enumerate(words):
        if speller.is_right(words, place, listed):
            if offer := speller.rarity(fold(word), listed):
                offers.append(f"did you mean {offer} for {word}?")
            continue
        guess = speller.guess(words, place)
        if guess is None or guess.certainty < speller.rules.min_offer:
            continue
        if guess.certainty < speller.rules.min_certainty:
            offers.append(f"did you mean {guess.word} for {word}? ({guess.certainty:.2f})")
            continue
        words[place] = guess.word
        corrections.append((word, guess.word))
        certainty = min(certainty, guess.certainty)
    text = " ".join(words)
    return Did(replace(seen, text=text, corrections=(*seen.corrections, *corrections)), certainty, "; ".join(offers))


class Speller:
    """Neighbours of a word among the catalogue's words and the listed ones."""

    def __init__(self, kit: Kit, lexicon: Lexicon) -> None:
        self.kit, self.lexicon, self.rules = kit, lexicon, kit.rules.spelling
        self.listed = {language: _listed(kit.words(language)) for language in kit.languages}
        self._counts = self._dictionary()
        self._symspell = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word, count in self._counts.items():
            self._symspell.create_dictionary_entry(word, count)

    def _dictionary(self) -> dict[str, int]:
        """Words that a correction may give: plain letters, in enough documents to be no mistake themselves."""
        least = self.rules.one_edit_from - 1
        counts = {
            # A plural is as likely meant as its singular, however rarely titles have it.
            word: max(count, self.lexicon.count(singular(word)))
            for word, count in self.lexicon.words.items()
            if count >= self.rules.min_count and len(word) >= least and word.isalpha() and word.isascii()
        }
        floor = max(self.rules.min_count, int(self.lexicon.documents * LISTED_SHARE))
        for word in frozenset().union(*self.listed.values()):
            if len(word) >= self.rules.one_edit_from:
                counts[word] = max(floor, counts.get(word, 0))
        return counts

    def is_right(self, words: Sequence[str], place: int, listed: frozenset[str]) -> bool:
        """Must the word stay? Then it is known, protected, listed, not of plain letters, or a half of a known word."""
        word = fold(words[place])
        if not (word.isalpha() and word.isascii()) or len(word) < self.rules.one_edit_from:
            return True
        if word in listed or self.lexicon.protected(word) or known(self.lexicon, word):
            return True
        return self._is_compound(words, place, word)

    def _is_compound(self, words: Sequence[str], place: int, word: str) -> bool:
        rules = self.kit.rules.compounds
        joined = [fold(words[place - 1]) + word] if place else []
        joined += [word + fold(words[place + 1])] if place + 1 < len(words) else []
        if any(self.lexicon.count(both) >= rules.min_count for both in joined):
            return True
        split = best_split(word, self.lexicon, rules)
        return split is not None and split.together >= rules.min_count

    def guess(self, words: Sequence[str], place: int) -> Guess | None:
        """The most probable word, among its neighbours and "it is right, we only lack it". None: no neighbour."""
        typed = fold(words[place])
        scores = {word: self._score(word, typed, words, place) for word in self._neighbours(typed)}
        if not scores:
            return None
        best = max(scores, key=lambda word: (scores[word], word))
        unknown = self.rules.unknown + self.rules.unknown_per_letter * len(typed)
        total = math.fsum(math.exp(score - scores[best]) for score in (*scores.values(), unknown))
        return Guess(best, 1 / total)

    def _neighbours(self, typed: str) -> list[str]:
        edits = 2 if len(typed) >= self.rules.two_edits_from else 1
        found = self._symspell.lookup(typed, Verbosity.ALL, max_edit_distance=edits)
        near = sorted(found, key=lambda item: (item.distance * 3 - math.log(item.count), item.term))
        return [item.term for item in near[: self.rules.candidates]]

    def _score(self, word: str, typed: str, words: Sequence[str], place: int) -> float:
        """Log-odds of the word, up to a constant: frequency, slip, and the words beside it."""
        beside = self.lexicon.bigram(fold(words[place - 1]), word) if place else 0
        beside += self.lexicon.bigram(word, fold(words[place + 1])) if place + 1 < len(words) else 0
        frequency = self.rules.frequency * math.log(self._counts[word] / self.rules.min_count)
        return frequency - slip_cost(typed, word, self.rules.costs) + self.rules.context * math.log1p(beside)

    def rarity(self, word: str, listed: frozenset[str]) -> str | None:
        """A neighbour that is so much more frequent than this rare word that it may have been meant."""
        count = self.lexicon.count(word)
        plain = word.isalpha() and word.isascii() and len(word) >= self.rules.one_edit_from
        if not 0 < count <= self.rules.rare or not plain or word in listed or self.lexicon.protected(word):
            return None
        near = self._symspell.lookup(word, Verbosity.ALL, max_edit_distance=1)
        best = max(near, key=lambda item: item.count, default=None)
        return best.term if best and best.count >= self.rules.rare_ratio * count else None


def _listed(words: Words) -> frozenset[str]:
    """Single words of a language's lists: they steer the other steps and are right as they are."""
    price, negation, compatible = words.price, words.negation, words.compatible
    lists = (
        words.function, words.fillers, words.colours, words.materials, words.sizes, negation.strong, negation.weak,
        price.up_to, price.at_least, price.cheap, price.expensive, price.around, price.between, compatible.uses,
        compatible.strong, *words.intent.values(), *price.currencies.values(),
    )  # fmt: skip
    every = {part for words in lists for phrase in words for part in fold(phrase).split()}
    return frozenset(word for word in every if word.isalpha() and word.isascii())

"""Words that are written together or apart: `head set` → `headset`, `smartwatch` beside `smart watch`.

The index keeps both as they are written. A form that the catalogue hardly has gives way to the other; when both are in
use the other one is searched beside it. So is a measure in another unit (`measures.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.understand.lexicon import Lexicon
from api.understand.measures import in_other_units
from api.understand.model import Understanding
from api.understand.split import best_split
from api.understand.step import Did, Kit, Step, known
from api.understand.step_rules import CompoundRules
from api.understand.vocabulary import fold, singular
from stack.documents import is_measure


@dataclass(frozen=True)
class Other:
    """Words `start` to `end` in their other form, and how often the catalogue has this one and the other."""

    start: int
    end: int
    text: str
    certainty: float
    replaces: bool


@dataclass(frozen=True)
class _Reader:
    """Finds other forms of the words of a query."""

    lexicon: Lexicon
    rules: CompoundRules
    function: frozenset[str]
    links: tuple[str, ...]
    synonyms: Mapping[str, frozenset[str]]

    def others(self, words: Sequence[str]) -> list[Other]:
        """From left to right; a word takes part in one at most, replacing first."""
        joined = [self._join(words, place) for place in range(len(words) - 1)]
        every = [other for other in (*joined, *map(self._split, range(len(words)), words)) if other]
        taken: set[int] = set()
        kept = []
        for other in sorted(every, key=lambda other: (not other.replaces, -other.certainty, other.start)):
            if taken.isdisjoint(range(other.start, other.end)):
                taken.update(range(other.start, other.end))
                kept.append(other)
        return sorted(kept, key=lambda other: other.start)

    def _join(self, words: Sequence[str], place: int) -> Other | None:
        first, second = words[place], words[place + 1]
        if not (first.isalnum() and second.isalnum()) or {first, second} & self.function:
            return None
        both = first + second
        if both.isdigit() or is_measure(both):
            return None
        here, there = self.lexicon.bigram(first, second), self._in_titles(both)
        if here or there:
            return self._weigh(place, place + 2, f"{first} {second}", both, here, there)
        # Other texts have the word but their pairs are not counted: worth a search, no proof.
        beside = self._in_other_texts(both) >= self.rules.min_count
        return Other(place, place + 2, both, self.rules.unseen_certainty, replaces=False) if beside else None

    def _split(self, place: int, word: str) -> Other | None:
        if not word.isalpha() or word in self.function or self.lexicon.protected(word):
            return None
        split = best_split(word, self.lexicon, self.rules, self.links)
        if split is None:
            return None
        seen = split.together >= self.rules.min_count
        if not known(self.lexicon, word):
            certainty = split.together / (split.together + 1) if seen else self.rules.unseen_certainty
            return Other(place, place + 1, split.text, certainty, replaces=True)
        if not seen:
            return None
        return self._weigh(place, place + 1, word, split.text, self._in_titles(word), split.together)

    def _in_titles(self, word: str) -> int:
        """Titles with the word or its other number: pairs are counted in titles too."""
        return max(self.lexicon.counts(form).get("title", 0) for form in _numbers(word))

    def _in_other_texts(self, word: str) -> int:
        """The same in descriptions or attributes. Hashtags are written as one word whatever they say."""
        counts = map(self.lexicon.counts, _numbers(word))
        return max(max(count.get("description", 0), count.get("attribute", 0)) for count in counts)

    def _weigh(self, start: int, end: int, now: str, text: str, here: int, there: int) -> Other | None:
        """`here` titles have the form of the query, `there` the other one."""
        if there < self.rules.min_count or there < here * self.rules.variant_share:
            return None
        replaces = there >= self.rules.replace_ratio * (here + 1)
        if not replaces and self.synonyms.get(now, frozenset()) & self.synonyms.get(text, frozenset()):
            return None  # one synonym rule has both: the engine searches them anyway
        return Other(start, end, text, there / (there + here + 1), replaces)


def _numbers(word: str) -> tuple[str, str, str]:
    return word, singular(word), singular(word) + "s"


def make(kit: Kit) -> Step:
    """The step; without a lexicon only measures have another form."""

    def step(seen: Understanding) -> Did:
        words = seen.text.split()
        others = _others(kit, seen.language, [fold(word) for word in words])
        return _apply(seen, kit, words, others)

    return step


def _others(kit: Kit, language: str, words: Sequence[str]) -> list[Other]:
    if kit.lexicon is None:
        return []
    listed = kit.words(language)
    rules = kit.synonym_rules.get(language, {})
    return _Reader(kit.lexicon, kit.rules.compounds, listed.function, listed.links, rules).others(words)


def _apply(seen: Understanding, kit: Kit, words: Sequence[str], others: Sequence[Other]) -> Did:
    certain = [other for other in others if other.replaces]
    beside = [other for other in others if not other.replaces]
    text = _with(words, certain)
    forms = [_with(words, others), in_other_units(text, kit.rules.normalise, kit.lexicon)]
    variants = dict.fromkeys((*seen.variants, *(form for form in forms if form != text)))
    changes = tuple((" ".join(words[other.start : other.end]), other.text) for other in certain)
    done = replace(
        seen,
        text=text,
        variants=tuple(variants)[: kit.rules.compounds.max_variants],
        corrections=(*seen.corrections, *changes),
    )
    return Did(done, min((other.certainty for other in certain), default=1.0), _note(words, beside))


def _with(words: Sequence[str], others: Sequence[Other]) -> str:
    """The words with the other forms in their places."""
    out, place = [], 0
    for other in others:
        out += [*words[place : other.start], other.text]
        place = other.end
    return " ".join([*out, *words[place:]])


def _note(words: Sequence[str], beside: Sequence[Other]) -> str:
    return "; ".join(f"{' '.join(words[other.start : other.end])} also as {other.text}" for other in beside)

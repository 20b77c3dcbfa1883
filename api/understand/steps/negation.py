"""What is not wanted: "without X", "-X", and, with care, "no X". It leaves the text; `excluded` has it.

Careful where it could be a name or talk: "no name", "no frost", "no 5", "x no more" and "dr no" stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.understand.model import Span, Understanding
from api.understand.phrases import Phrases
from api.understand.step import Did, Kit, Step, known
from api.understand.step_rules import NegationWords
from api.understand.vocabulary import fold, words_of

STRONG, WEAK = 0.95, 0.8
COLOURS = ("colour",)


@dataclass(frozen=True)
class _Taken:
    """Words `start` to `end` say that `things` are not wanted."""

    things: tuple[str, ...]
    start: int
    end: int
    certainty: float


@dataclass(frozen=True)
class _Reader:
    """The negations of a language."""

    kit: Kit
    words: NegationWords
    strong: Phrases[str]
    weak: Phrases[str]

    def read(self, words: Sequence[str]) -> list[_Taken]:
        """All negations from left to right."""
        found, place = [], 0
        while place < len(words):
            taken = self._at(words, place)
            if taken:
                found.append(taken)
            place = taken.end if taken else place + 1
        return found

    def _at(self, words: Sequence[str], place: int) -> _Taken | None:
        word = words[place]
        if word.startswith("-") and len(word) > 2 and place and word[1].isalpha():
            return _Taken((word[1:],), place, place + 1, STRONG)
        if hit := self.strong.at(words, place):
            return self._things(words, place, hit.end, STRONG)
        hit = self.weak.at(words, place)
        if not hit or not place or not self._is_negation(words, place, hit.end):
            return None
        return self._things(words, place, hit.end, WEAK)

    def _is_negation(self, words: Sequence[str], place: int, after: int) -> bool:
        """A weak word negates a thing that the catalogue knows, and does not know under "no …"."""
        if after >= len(words) or words[after] in self.words.not_after_weak or not words[after].isalpha():
            return False
        lexicon = self.kit.lexicon
        if lexicon is None:
            return True
        return bool(known(lexicon, words[after])) and not lexicon.bigram(words[place], words[after])

    def _things(self, words: Sequence[str], start: int, place: int, certainty: float) -> _Taken | None:
        things: list[str] = []
        while True:
            while place < len(words) and words[place] in self.words.articles:
                place += 1
            end = self._end(words, place)
            if end == place:
                break
            things.append(" ".join(words[place:end]))
            place = end
            if place >= len(words) - 1 or words[place] not in self.words.joiners:
                break
            place += 1
        return _Taken(tuple(things), start, place, certainty) if things else None

    def _end(self, words: Sequence[str], start: int) -> int:
        """The word after the thing that begins at `start`; `start` when there is none."""
        if start >= len(words) or words[start] in self.words.ends or not words_of(words[start]):
            return start
        longest = self._entry_end(words, start)
        end = start + 1
        while end < min(len(words), start + self.kit.rules.negation.max_words) and self._is_phrase(words, end):
            end += 1
        return max(longest, end)

    def _entry_end(self, words: Sequence[str], start: int) -> int:
        """Where the longest entry of the dictionaries that begins here ends."""
        stretch = words[start : start + self.kit.rules.negation.max_words]
        if not all(len(words_of(word)) == 1 for word in stretch):
            return start
        ends = (match.end for match in self.kit.automaton.matches(stretch) if match.start == 0)
        return start + max(ends, default=0)

    def _is_phrase(self, words: Sequence[str], place: int) -> bool:
        """Do the words before and at `place` make one thing? "flip cover" does, "cable black" does not."""
        lexicon, first, second = self.kit.lexicon, words[place - 1], words[place]
        stop = second in self.words.ends or second in self.words.joiners
        if lexicon is None or stop or self._is_colour(second):
            return False
        both = lexicon.bigram(first, second)
        return both > 1 and both >= self.kit.rules.negation.phrase_share * min(
            lexicon.count(first), lexicon.count(second)
        )

    def _is_colour(self, word: str) -> bool:
        return any(entry.type in COLOURS for match in self.kit.automaton.matches([word]) for entry in match.values)


def make(kit: Kit) -> Step:
    """The step, with each language's words."""
    readers = {
        language: _Reader(kit, words.negation, Phrases.of(words.negation.strong), Phrases.of(words.negation.weak))
        for language, words in kit.rules.words.items()
    }

    def step(seen: Understanding) -> Did:
        words = seen.text.split()
        reader = readers.get(seen.language)
        found = reader.read([fold(word) for word in words]) if reader else []
        gone = {place for taken in found for place in range(taken.start, taken.end)}
        text = " ".join(word for place, word in enumerate(words) if place not in gone)
        # Nothing but what is not wanted cannot be searched: then the words are taken as they are.
        return _done(seen, text, found, words) if found and (text or seen.price) else Did(seen)

    return step


def _done(seen: Understanding, text: str, found: Sequence[_Taken], words: Sequence[str]) -> Did:
    spans = [
        Span("excluded", " ".join(words[taken.start : taken.end]), thing, taken.certainty)
        for taken in found
        for thing in taken.things
    ]
    excluded = tuple(dict.fromkeys((*seen.excluded, *(span.value for span in spans))))
    certainty = min(taken.certainty for taken in found)
    return Did(replace(seen, text=text, excluded=excluded, spans=(*seen.spans, *spans)), certainty)

"""From what was typed to the completions that fit it: as it stands, with slips mended, or by its tail. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from api.suggest.completion import Completion, search_href
from api.suggest.model import SuggestionKind
from api.suggest.prefixes import Fit, PrefixIndex
from api.suggest.rules import SlipRules, SuggestRules
from api.suggest.slips import Reading, SlipIndex
from api.suggest.typed import Typed
from api.understand.lexicon import Lexicon

MOST_WRONG = 3  # mistyped words of a line: more, and nothing can be read out of it
REMEMBERED = 256  # lines whose readings are kept: completions and products ask for them in turn


@dataclass(frozen=True)
class Fitting:
    """A completion that fits. `typed` are the letters of it that stand for what was typed; `share` is what the way it
    was found leaves of its worth.
    """

    completion: Completion
    typed: str
    whole: bool = False
    at_start: bool = True
    slips: int = 0
    share: float = 1.0


class Completer:
    """All completions of one taking-up, and the words that are known to be right."""

    def __init__(self, completions: Sequence[Completion], lexicon: Lexicon | None, rules: SuggestRules) -> None:
        self.rules = rules
        self.index = PrefixIndex(completions, rules.order.inner)
        self._lexicon = lexicon
        self._known = sorted(lexicon.words) if lexicon else []
        weights = _title_words(lexicon, rules.slips.least_count) if lexicon else {}
        for one in completions:
            for word in one.key.split():
                weights[word] = max(weights.get(word, 0.0), one.worth)
        self._slips = SlipIndex(weights)
        self._readings = lru_cache(REMEMBERED)(self._read)

    def fitting(self, typed: Typed, kinds: Sequence[SuggestionKind], each: int) -> list[Fitting]:
        """What fits, at most `each` of a kind and a way of finding; mended and joined ones only where few fit."""
        key = typed.key
        if not key:
            return []
        found = [_as_typed(fit, key) for fit in self.index.best(key, kinds, each, typed.closed)]
        if len(found) < self.rules.slips.below:
            found += self._mended(typed, kinds, each)
        if len(found) < self.rules.slips.below and "query" in kinds:
            found += self._joined(typed.words, each)
        return found

    def mended_text(self, typed: Typed) -> str | None:
        """The nearest reading of a mistyped line; None when no word of it is one."""
        readings = self._readings(typed)
        return readings[0][0] if readings else None

    def popular(self, kinds: Sequence[SuggestionKind], each: int) -> list[Fitting]:
        """What to offer before anything is typed: the best known of each kind."""
        return [
            Fitting(one, "")
            for kind in kinds
            for one in sorted(
                (one for one in self.index.completions if one.kind == kind), key=lambda one: (-one.worth, one.key)
            )[:each]
        ]

    def _mended(self, typed: Typed, kinds: Sequence[SuggestionKind], each: int) -> list[Fitting]:
        cost = self.rules.slips.cost
        for text, slips in self._readings(typed):
            fits = self.index.best(text, kinds, each, typed.closed)
            if fits:
                return [
                    Fitting(fit.completion, text, at_start=fit.at_start, slips=slips, share=cost**slips) for fit in fits
                ]
        return []

    def _read(self, typed: Typed) -> list[tuple[str, int]]:
        """Lines that may have been meant, with their slips, nearest first. Words that are known stay.

        Each word that is not known costs milliseconds of the process: no more are looked at than can be mended.
        """
        words, wrong = typed.words, 0
        ways: list[list[Reading]] = []
        for place, word in enumerate(words):
            ways.append(self._ways(word, place == len(words) - 1 and not typed.closed))
            wrong += ways[-1] != [Reading(word, 0)]
            if wrong > MOST_WRONG or not ways[-1]:
                return []
        if not wrong:
            return []
        lines = [(" ".join(one.text for one in line), sum(one.slips for one in line)) for line in product(*ways)]
        return sorted(lines, key=lambda line: line[1])[: self.rules.slips.keep**2]

    def _ways(self, word: str, begins: bool) -> list[Reading]:
        """The word itself where it is known, or too short to be wrong; else what it may have been meant to be."""
        rules: SlipRules = self.rules.slips
        right = self._begins(word) if begins else word in self.index.words or self._is_known(word)
        most = rules.most(len(word))
        if right or not most or any(char.isdigit() for char in word):
            return [Reading(word, 0)]
        return self._slips.readings(word, most, rules.keep, begins)

    def _begins(self, word: str) -> bool:
        place = bisect_left(self._known, word)
        return self.index.begins(word) or (place < len(self._known) and self._known[place].startswith(word))

    def _is_known(self, word: str) -> bool:
        return self._lexicon is not None and self._lexicon.count(word) > 0

    def _joined(self, words: Sequence[str], each: int) -> list[Fitting]:
        """The tail completed behind a head that titles have before it: `logi wireless mo` → `logi wireless mouse`."""
        if self._lexicon is None:
            return []
        for cut in range(1, len(words)):
            head, tail = words[:cut], " ".join(words[cut:])
            if not all(self._lexicon.count(word) for word in head):
                return []
            fits = [
                fit.completion
                for fit in self.index.best(tail, ["query"], each)
                if fit.at_start and self._lexicon.bigram(head[-1], fit.completion.key.split()[0])
            ]
            if fits:
                return [self._behind(" ".join(head), one, " ".join(words)) for one in fits]
        return []

    def _behind(self, head: str, one: Completion, typed: str) -> Fitting:
        text = f"{head} {one.text}"
        line = Completion("query", text, f"{head} {one.key}", one.worth, search_href(q=text), one.detail)
        return Fitting(line, typed, share=self.rules.order.joined)


def _title_words(lexicon: Lexicon, least: int) -> dict[str, float]:
    """Plain words that are in enough documents to be no slips themselves, the more frequent the heavier (below 0)."""
    return {word: -1.0 / count for word, count in lexicon.words.items() if count >= least and word.isalpha()}


def _as_typed(fit: Fit, key: str) -> Fitting:
    return Fitting(fit.completion, key, fit.whole, fit.at_start)

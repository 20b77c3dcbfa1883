"""What all steps share: their signature, and what they are built from.

A step takes what is understood so far and hands back more of it. `make(kit)` in its file builds it once for a lexicon,
so that indexes over the vocabulary are not built per query; a step that lacks what it needs hands back its input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from api.understand.automaton import Automaton
from api.understand.dictionaries import Entry
from api.understand.lexicon import Lexicon
from api.understand.model import Understanding
from api.understand.step_rules import StepRules, Words
from api.understand.tokens import Tokenizer
from api.understand.vocabulary import key_of, singular


@dataclass(frozen=True)
class Did:
    """What is understood after a step, how sure the step was (0 to 1), and a note for a reader."""

    seen: Understanding
    certainty: float = 1.0
    note: str = ""


Step = Callable[[Understanding], Did]


@dataclass(frozen=True)
class Kit:
    """What steps are built from. `languages`: the first is the default."""

    lexicon: Lexicon | None
    rules: StepRules
    languages: tuple[str, ...]

    def words(self, language: str) -> Words:
        """The listed words of a language."""
        return self.rules.words_in(language)

    @cached_property
    def automaton(self) -> Automaton[Entry]:
        """All entries of the lexicon."""
        entries = self.lexicon.entries if self.lexicon else ()
        return Automaton((entry.text, entry) for entry in entries)

    @cached_property
    def synonym_rules(self) -> dict[str, dict[str, frozenset[str]]]:
        """Language → term → the synonym rules that look for it or give it."""
        return {language: _by_term(lines) for language, lines in self.rules.synonyms.items()}

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Cuts a text into words and measures."""
        return Tokenizer(self.rules.normalise.units)


def _by_term(lines: tuple[str, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in lines:
        for term in line.replace("=>", ",").split(","):
            found[key_of(term)] = found.get(key_of(term), frozenset()) | {line}
    return found


def known(lexicon: Lexicon, word: str) -> int:
    """Documents with the word or its other number (`usb` … `usbs`): the index stems, so either finds them."""
    plural = 0 if word.endswith("s") or len(word) < 3 else lexicon.count(word + "s")
    return max(lexicon.count(word), lexicon.count(singular(word)), plural)


def unchanged(seen: Understanding) -> Did:
    """A step that has nothing to work with."""
    return Did(seen)

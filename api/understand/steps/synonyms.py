"""Which declared synonym rules (`mappings/synonyms/`) the words touch. Only a report.

The engine applies the rules at search time, in the analyser `text_<language>_search`. So leaving this step out takes
nothing out of the analyser: `without synonyms` asks recall to search with the field's plain one, `text_<language>`.
"""

from __future__ import annotations

from api.understand.automaton import Automaton
from api.understand.model import Understanding
from api.understand.step import Did, Kit, Step
from api.understand.vocabulary import key_of, words_of


def make(kit: Kit) -> Step:
    """The step, with the rules of all languages."""
    rules = {language: Automaton(_terms(lines)) for language, lines in kit.rules.synonyms.items()}

    def step(seen: Understanding) -> Did:
        touched = rules[seen.language].matches(words_of(seen.text)) if seen.language in rules else []
        lines = dict.fromkeys(line for match in touched for line in match.values)
        return Did(seen, note="; ".join(lines))

    return step


def _terms(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    """(term, rule) of each term that a rule looks for: all of `a, b`, the left ones of `a => b`."""
    return [(key_of(term), line) for line in lines for term in line.split("=>")[0].split(",")]

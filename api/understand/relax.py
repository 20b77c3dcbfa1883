"""Fewer words when too little comes back: what says least goes first, what is wanted last.

"shiny xyzzy laptop for office" → "shiny laptop for office" (xyzzy matches nothing) → "laptop office" → "laptop"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.understand.lexicon import Lexicon
from api.understand.model import Understanding
from api.understand.parts import parts_of
from api.understand.step_rules import Part, StepRules
from api.understand.tokens import Token, Tokenizer


@dataclass(frozen=True)
class Relaxed:
    """A shorter query, and the words that it lacks."""

    text: str
    dropped: tuple[str, ...]


def relaxations(understanding: Understanding, lexicon: Lexicon | None, rules: StepRules) -> list[Relaxed]:
    """Shorter and shorter queries, at most `rules.relax.rounds`, by part (`rules.relax.order`) and then by IDF.

    The text is empty only when the catalogue knows no word of the query.
    """
    tokens = Tokenizer(rules.normalise.units).tokens(understanding.text)
    parts = parts_of(tokens, understanding, lexicon, rules)
    ranks = [(rules.relax.order.index(part), _idf(token, lexicon)) for part, token in zip(parts, tokens, strict=True)]
    order = sorted(range(len(tokens)), key=ranks.__getitem__)
    return [
        Relaxed(
            " ".join(token.text for place, token in enumerate(tokens) if place not in gone),
            tuple(token.text for place, token in enumerate(tokens) if place in gone),
        )
        for gone in (frozenset(order[:end]) for end in _ends([parts[place] for place in order], rules.relax.rounds))
    ]


def _ends(parts: Sequence[Part], rounds: int) -> list[int]:
    """How many of the ordered words are gone after each round.

    First what nothing can match. Fillers match everything: they go with the first word that says something.
    """
    unknown, fillers = parts.count("unknown"), parts.count("filler")
    if unknown + fillers == len(parts):
        return [unknown] if unknown and rounds else []
    ends = [unknown] if unknown else []
    left = rounds - len(ends)
    start, last = unknown + fillers, len(parts) - 1
    if start >= last:
        ends += [start]
    elif left > 0:
        step = math.ceil((last - start) / left)
        ends += [min(start + step * count, last) for count in range(1, left + 1)]
    return [end for end in dict.fromkeys(ends) if end][:rounds]


def _idf(token: Token, lexicon: Lexicon | None) -> float:
    """Without a lexicon, a longer word says more."""
    return max((lexicon.idf(key) for key in token.keys), default=0.0) if lexicon else float(len(token.text))

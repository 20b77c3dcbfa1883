"""Where a word falls into two that the catalogue knows: `smartwatch` → `smart`, `watch`."""

from __future__ import annotations

from dataclasses import dataclass

from api.understand.lexicon import Lexicon
from api.understand.step import known
from api.understand.step_rules import CompoundRules
from api.understand.vocabulary import singular


@dataclass(frozen=True)
class Split:
    """Two parts, and the titles that have them next to each other."""

    first: str
    second: str
    together: int

    @property
    def text(self) -> str:
        return f"{self.first} {self.second}"


def best_split(word: str, lexicon: Lexicon, rules: CompoundRules, links: tuple[str, ...] = ()) -> Split | None:
    """The split whose parts stand together most often; else one into a known word and a thing. None: there is none.

    `links` are letters between the parts that are dropped (German `s`).
    """
    splits = [
        Split(first, word[place:], lexicon.bigram(first, word[place:]))
        for place in range(rules.min_part, len(word) - rules.min_part + 1)
        for first in _firsts(word[:place], links, rules)
        if min(known(lexicon, first), known(lexicon, word[place:])) >= rules.min_count
    ]
    seen = max(splits, key=lambda split: split.together, default=None)
    if seen is None or seen.together >= rules.min_count:
        return seen
    named = [
        split for split in splits if singular(split.second) in lexicon.things and len(split.first) > rules.min_part
    ]
    return max(named, key=lambda split: min(lexicon.count(split.first), lexicon.count(split.second)), default=None)


def _firsts(part: str, links: tuple[str, ...], rules: CompoundRules) -> list[str]:
    bare = [part.removesuffix(link) for link in links if part.endswith(link)]
    return [part, *(word for word in bare if len(word) >= rules.min_part)]

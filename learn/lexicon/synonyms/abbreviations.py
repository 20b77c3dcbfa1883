"""Abbreviations that the catalogue spells out itself: `uninterruptible power supply (UPS)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from api.understand.vocabulary import key_of
from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.rules import AbbreviationRules

if TYPE_CHECKING:
    from learn.lexicon.synonyms.collect import Collection

LONG = r"((?:[^\W\d_]+[ -]){1,5}[^\W\d_]+)"
AFTER = re.compile(LONG + r" \(([A-Za-z]{2,6})\)")
BEFORE = re.compile(r"\b([A-Z]{2,6}) \(" + LONG + r"\)")
SMALL = frozenset({"of", "and", "the", "for", "to", "in", "on"})


def abbreviations_in(texts: Iterable[str]) -> set[tuple[str, str]]:
    """(abbreviation, long form) of each place where one stands in brackets after the other, folded."""
    found = set()
    for text in texts:
        if "(" not in text:
            continue
        pairs = [(match[2], match[1]) for match in AFTER.finditer(text)]
        pairs += [(match[1], match[2]) for match in BEFORE.finditer(text)]
        found |= {(short.lower(), long) for short, words in pairs if (long := spelt_out(short, words))}
    return found


def spelt_out(short: str, words: str) -> str | None:
    """The last words that begin with the letters of `short`: `"UPS", "Rack uninterruptible power supply"` → the last
    three. Small words (power over ethernet: `PoE`) may be letters or not.
    """
    parts = key_of(words).split()
    for start in range(len(parts) - 1):
        tail = parts[start:]
        heavy = [word for word in tail if word not in SMALL]
        if tail[0] in SMALL:
            continue
        if short.lower() in ("".join(word[0] for word in tail), "".join(word[0] for word in heavy)):
            return " ".join(tail)
    return None


def candidates(collection: Collection, rules: AbbreviationRules) -> Iterator[Candidate]:
    """Abbreviations that titles use, mostly in the sense that is spelt out."""
    for (short, long), count in collection.abbreviations.items():
        in_titles = collection.titles[short]
        if min(count, in_titles) < rules.min_products or count < rules.least_spelt * in_titles:
            continue
        evidence = f"{count} products spell it out, {in_titles} titles have {short}"
        yield Candidate((short, long), 0.6 + 0.35 * min(1.0, min(count, in_titles) / 100), "abbreviation", evidence)

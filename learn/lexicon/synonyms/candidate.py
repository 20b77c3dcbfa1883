"""A candidate synonym rule with its evidence, and the file of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.understand.vocabulary import key_of, singular


@dataclass(frozen=True)
class Candidate:
    """`terms` would mean the same, both ways. `score` from 0 to 1 orders them; `source` is the file that found it."""

    terms: tuple[str, ...]
    score: float
    source: str
    evidence: str

    @property
    def key(self) -> frozenset[str]:
        return frozenset(map(stem, self.terms))

    @property
    def rule(self) -> str:
        """In Solr form: `smart watch, smartwatch`."""
        return ", ".join(self.terms)


def stem(term: str) -> str:
    """A term without the plural of its last word: the engine's stemmer makes one of both."""
    words = key_of(term).split()
    return " ".join([*words[:-1], singular(words[-1])]) if words else ""


def known_groups(rules: Iterable[str]) -> list[frozenset[str]]:
    """The terms of each rule of a synonym file, both sides together."""
    return [frozenset(stem(term) for term in rule.replace("=>", ",").split(",")) for rule in rules]


def choose(candidates: Iterable[Candidate], known: Sequence[frozenset[str]], most: int) -> list[Candidate]:
    """The best `most`, each pair once, without those that a rule has already and those that only differ in number."""
    best: dict[frozenset[str], Candidate] = {}
    for candidate in candidates:
        if len(candidate.key) < 2 or any(candidate.key <= group for group in known):
            continue
        other = best.get(candidate.key)
        if other is None or candidate.score > other.score:
            best[candidate.key] = candidate
    return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.rule))[:most]


def as_text(candidates: Sequence[Candidate], language: str) -> str:
    """A file to read and copy lines of: the evidence stands in a comment above each rule."""
    head = [
        f"# Candidates for mappings/synonyms/{language}.txt, most promising first. Nothing of this is in use.",
        "# Copy the lines that you accept; a rule that changes the meaning does harm.",
    ]
    lines = [f"\n# {found.score:.2f} {found.source}: {found.evidence}\n{found.rule}" for found in candidates]
    return "\n".join([*head, *lines]) + "\n"

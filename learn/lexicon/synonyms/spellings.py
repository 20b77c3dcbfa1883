"""One word or two: `rack mount`, `rackmount`. Both stand in the catalogue, and their vectors agree."""

from __future__ import annotations

from collections.abc import Iterator

from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.rules import SpellingRules
from learn.lexicon.synonyms.vectors import Similarity

MIN_PART = 2  # letters


def candidates(collection: Collection, similarity: Similarity, rules: SpellingRules) -> Iterator[Candidate]:
    """Pairs of title words that the catalogue also writes as one."""
    for (first, second), count in collection.pairs.items():
        joined = first + second
        as_one = collection.words[joined]
        if min(len(first), len(second)) < MIN_PART or not joined.isalpha():
            continue
        if count < rules.min_apart or as_one < rules.min_joined:
            continue
        cosine = similarity(f"{first} {second}", joined)
        if cosine < rules.least_similarity:
            continue
        near = (cosine - rules.least_similarity) / (1 - rules.least_similarity)
        often = min(1.0, min(count, as_one) / rules.enough)
        evidence = f"{count} titles apart, {as_one} products joined, similarity {cosine:.2f}"
        yield Candidate((f"{first} {second}", joined), 0.4 + 0.3 * often + 0.3 * near, "spelling", evidence)

"""One word or two: `rack mount`, `rackmount`. Both stand in the catalogue, and their vectors agree."""

from __future__ import annotations

from collections.abc import Iterator

from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.vectors import Similarity

MIN_PAIRS, MIN_JOINED, MIN_PART = 2, 2, 2
LEAST_SIMILARITY = 0.6
ENOUGH = 30


def candidates(collection: Collection, similarity: Similarity) -> Iterator[Candidate]:
    """Pairs of title words that the catalogue also writes as one."""
    for (first, second), count in collection.pairs.items():
        joined = first + second
        as_one = collection.words[joined]
        if count < MIN_PAIRS or as_one < MIN_JOINED or min(len(first), len(second)) < MIN_PART or not joined.isalpha():
            continue
        cosine = similarity(f"{first} {second}", joined)
        if cosine < LEAST_SIMILARITY:
            continue
        near, often = (cosine - LEAST_SIMILARITY) / (1 - LEAST_SIMILARITY), min(1.0, min(count, as_one) / ENOUGH)
        evidence = f"{count} titles apart, {as_one} products joined, similarity {cosine:.2f}"
        yield Candidate((f"{first} {second}", joined), 0.4 + 0.3 * often + 0.3 * near, "spelling", evidence)

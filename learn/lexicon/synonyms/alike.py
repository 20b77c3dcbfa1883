"""Words used alike: the same neighbours (PPMI vectors, Levy and Goldberg 2014), near to the encoder, no alternatives.

Neighbours alone also find opposites (`male`, `female`): both must agree, and two values of one attribute are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile

import numpy as np
from scipy import sparse

from api.understand.vocabulary import singular
from learn.lexicon.synonyms.candidate import Candidate
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.rules import AlikeRules
from learn.lexicon.synonyms.vectors import Similarity


def candidates(collection: Collection, similarity: Similarity, rules: AlikeRules) -> Iterator[Candidate]:
    """Pairs of title words."""
    words = usable_words(collection, rules)
    similarity.prepare(words)
    for first, second, context in context_pairs(collection, words, rules):
        if singular(first) == singular(second) or collection.siblings(first, second):
            continue
        cosine = similarity(first, second)
        if cosine < least_similarity(first, second, rules) or opposed(first, second, collection, rules):
            continue
        evidence = (
            f"neighbours {context:.2f}, similarity {cosine:.2f}, in {collection.titles[first]} and "
            f"{collection.titles[second]} titles, as {collection.examples[first]!r}, {collection.examples[second]!r}"
        )
        yield Candidate((first, second), 0.5 * cosine + 0.5 * min(1.0, context / 0.5), "used alike", evidence)


def usable_words(collection: Collection, rules: AlikeRules) -> list[str]:
    """Words of letters in enough titles, no brands; the most frequent."""
    return [
        word
        for word, count in sorted(collection.titles.items(), key=lambda item: (-item[1], item[0]))
        if count >= rules.min_titles
        and word.isalpha()
        and len(word) >= rules.min_letters
        and word not in collection.brand_words
    ][: rules.most_words]


def context_pairs(collection: Collection, words: list[str], rules: AlikeRules) -> Iterator[tuple[str, str, float]]:
    """Pairs of words with the cosine of their PPMI vectors, where it is large enough."""
    rows = {word: row for row, word in enumerate(words)}
    columns: defaultdict[tuple[int, str], int] = defaultdict(lambda: len(columns))
    cells = [
        (rows[word], columns[near, other], count)
        for (word, near, other), count in collection.contexts.items()
        if word in rows
    ]
    if not cells:
        return
    row, column, counts = map(np.array, zip(*cells, strict=True))
    by_row, by_column = np.bincount(row, counts), np.bincount(column, counts) ** rules.smoothing
    expected = by_row[row] * by_column[column] / by_column.sum()
    values = np.maximum(np.log(counts / expected), 0)
    norms = np.sqrt(np.bincount(row, values**2, minlength=len(words)))
    vectors = sparse.csr_matrix((values / np.maximum(norms[row], 1e-9), (row, column)))
    near = sparse.triu(vectors @ vectors.T, k=1).tocoo()
    for first, second, cosine in zip(near.row, near.col, near.data, strict=True):
        if cosine >= rules.least_context:
            yield words[first], words[second], float(cosine)


def least_similarity(first: str, second: str, rules: AlikeRules) -> float:
    """What the encoder must say of two words."""
    return rules.short_similarity if max(len(first), len(second)) <= rules.short else rules.least_similarity


def opposed(first: str, second: str, collection: Collection, rules: AlikeRules) -> bool:
    """Compounds that share one part and differ in the other: `multimode`, `singlemode`; `semigloss`, `semimatte`."""
    starts, ends = _shared(first, second), _shared(first[::-1], second[::-1])
    rests = [(starts, first[starts:], second[starts:])]
    rests += [(ends, first[: len(first) - ends], second[: len(second) - ends])]
    return any(
        shared >= rules.min_letters
        and min(len(one), len(other)) >= rules.min_letters
        and collection.words[one] > 0 < collection.words[other]
        for shared, one, other in rests
    )


def _shared(first: str, second: str) -> int:
    """Letters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))

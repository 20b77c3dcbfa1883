"""Folds by query. Queries that are nearly the same share a fold, else the model is tested on what it was taught.

laptop, laptops, gaming laptop, laptop stand → one family → one fold
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from itertools import combinations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stack.errors import InputError, Mistake

Fold = tuple[str, ...]
# Two queries are of one family when they share so much (Jaccard) of their words, or of their relevant documents: the
# second finds what no spelling tells, like `ps4` and `playstation 4`.
SHARED = 0.5
# One letter apart is a typo in a long query and another word in a short one (`fan`, `van`).
EDITED_LENGTH = 4


def make_folds(queries: Sequence[str], relevant: Mapping[str, Set[str]], count: int, seed: int) -> list[Fold]:
    """`count` folds of whole families, as even as families allow; the same seed gives the same folds.

    Queries without a relevant document carry no signal: they are dealt out after the others, so that each fold has its
    share of both. Raises InputError when some fold would have no query that can be learnt from.
    """
    groups = families(queries, relevant)
    shuffled = [groups[place] for place in np.random.default_rng(seed).permutation(len(groups))]
    folds: list[list[str]] = [[] for _ in range(count)]
    taught = [0] * count
    for family in sorted(shuffled, key=lambda family: _signals(family, relevant), reverse=True):
        place = min(range(count), key=lambda place: (taught[place], len(folds[place])))
        folds[place] += family
        taught[place] += _signals(family, relevant)
    if not all(taught):
        able = sum(_signals(family, relevant) > 0 for family in groups)
        what = f"{count} folds need as many families of queries with a relevant document, there are {able}"
        raise InputError([Mistake("--folds", what)], "Ask for fewer folds, or judge more queries")
    return [tuple(fold) for fold in folds]


def families(queries: Sequence[str], relevant: Mapping[str, Set[str]]) -> list[Fold]:
    """Connected components of `is_near`, in the order of the queries."""
    pairs = [
        (first, second)
        for first, second in combinations(range(len(queries)), 2)
        if is_near(queries[first], queries[second])
        or _jaccard(relevant.get(queries[first], set()), relevant.get(queries[second], set())) >= SHARED
    ]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    links = coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(queries), len(queries)))
    _, labels = connected_components(links, directed=False)
    return [
        tuple(query for query, mine in zip(queries, labels, strict=True) if mine == label)
        for label in dict.fromkeys(labels)
    ]


def is_near(first: str, second: str) -> bool:
    """Half of their words (stemmed, in any order) are the same, or all is the same but one letter or the spaces."""
    ours, theirs = _stems(first), _stems(second)
    if _jaccard(set(ours), set(theirs)) >= SHARED:
        return True
    return _same_letters(ours, theirs) or _same_letters(sorted(ours), sorted(theirs))


def _same_letters(ours: list[str], theirs: list[str]) -> bool:
    one, other = "".join(ours), "".join(theirs)
    return one == other or (min(len(one), len(other)) >= EDITED_LENGTH and _one_edit(one, other))


def _signals(family: Fold, relevant: Mapping[str, Set[str]]) -> int:
    return sum(bool(relevant.get(query)) for query in family)


def _jaccard(first: Set[str], second: Set[str]) -> float:
    return len(first & second) / len(first | second) if first and second else 0.0


def _stems(query: str) -> list[str]:
    """Plurals cut off: `batteries` → `battery`, `speakers` → `speaker`, `wireless` stays."""
    return [_stem(word) for word in re.findall(r"\w+", query.casefold())]


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _one_edit(first: str, second: str) -> bool:
    """Is one letter changed, added, left out, or swapped with its neighbour?"""
    short, long = sorted((first, second), key=len)
    same = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        swapped = short[:same] + short[same : same + 2][::-1] + short[same + 2 :]
        return short[same + 1 :] == long[same + 1 :] or swapped == long
    return len(long) == len(short) + 1 and short[same:] == long[same + 1 :]

"""Words that begin almost as was typed: an edit distance between what is typed and the beginnings of words.

Optimal string alignment (one edit: a letter too many, missing, another, or two swapped), for all words with the same
first letter at once, within a band of two around the diagonal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND = 2
LONGEST = 24
FAR = np.int16(99)
Numbers = NDArray[np.int16]


@dataclass(frozen=True)
class Reading:
    """What a typed word may have been meant to be: `text` is a word, or the beginning of one."""

    text: str
    slips: int


@dataclass(frozen=True)
class _Table:
    """The words with one first letter: code points (n, LONGEST), lengths (n,), places in the order of weight (n,)."""

    words: list[str]
    letters: NDArray[np.uint32]
    lengths: NDArray[np.int16]


class SlipIndex:
    """Words with their weights; the heavier of equally near ones comes first."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        groups: dict[str, list[str]] = {}
        for word in sorted(weights, key=lambda word: (-weights[word], word)):
            groups.setdefault(word[:1], []).append(word)
        self._tables = {first: _table(words) for first, words in groups.items()}

    def readings(self, typed: str, most: int, keep: int, begins: bool) -> list[Reading]:
        """At most `keep` readings within `most` slips, nearest first. With `begins` words may go on behind what was
        typed. The first letter is taken to be right, or swapped with the second.
        """
        if most < 1 or not typed or len(typed) > LONGEST:
            return []
        found: dict[str, tuple[int, int]] = {}
        for first in dict.fromkeys(typed[:2]):
            table = self._tables.get(first)
            if table is None:
                continue
            slips, ends = distances(typed, table.letters, table.lengths, begins)
            near = np.flatnonzero(slips <= most)
            for place in near[np.argsort(slips[near], kind="stable")][: 4 * keep].tolist():
                text = table.words[place][: int(ends[place])]
                found.setdefault(text, (int(slips[place]), place))
        ordered = sorted(found.items(), key=lambda item: (item[1], item[0]))
        return [Reading(text, slips) for text, (slips, _) in ordered[:keep] if text != typed]


def _table(words: Iterable[str]) -> _Table:
    kept = [word for word in words if len(word) <= LONGEST]
    letters = np.zeros((len(kept), LONGEST), np.uint32)
    for row, word in enumerate(kept):
        letters[row, : len(word)] = np.frombuffer(word.encode("utf-32-le"), np.uint32)
    return _Table(kept, letters, np.array([len(word) for word in kept], np.int16))


def distances(typed: str, letters: NDArray[np.uint32], lengths: Numbers, begins: bool) -> tuple[Numbers, Numbers]:
    """(slips, end) for each word: the fewest slips that make `typed` of its first `end` letters (all of them unless
    `begins`). Distances over the band are given as FAR.
    """
    m, n = len(typed), len(lengths)
    codes = np.frombuffer(typed.encode("utf-32-le"), np.uint32)
    far = np.full(n, FAR, np.int16)
    rows: list[dict[int, Numbers]] = [{j: np.full(n, j, np.int16) for j in range(BAND + 1)}]
    for i in range(1, m + 1):
        row: dict[int, Numbers] = {}
        for j in range(max(0, i - BAND), min(LONGEST, i + BAND) + 1):
            row[j] = np.full(n, i, np.int16) if j == 0 else _cell(rows, row, i, j, codes, letters, far)
        rows.append(row)
    slips, ends = far.copy(), lengths.copy()
    for j, cell in rows[m].items():
        fits = (j <= lengths if begins else j == lengths) & (cell <= slips)
        slips, ends = np.where(fits, cell, slips), np.where(fits, np.int16(j), ends)
    return slips, ends


def _cell(
    rows: list[dict[int, Numbers]],
    row: dict[int, Numbers],
    i: int,
    j: int,
    codes: NDArray[np.uint32],
    letters: NDArray[np.uint32],
    far: Numbers,
) -> Numbers:
    above = rows[i - 1]
    best = above[j - 1] + (letters[:, j - 1] != codes[i - 1])
    best = np.minimum(best, np.minimum(above.get(j, far), row.get(j - 1, far)) + 1)
    if i > 1 and j > 1:
        swapped = (letters[:, j - 1] == codes[i - 2]) & (letters[:, j - 2] == codes[i - 1])
        best = np.minimum(best, np.where(swapped, rows[i - 2].get(j - 2, far) + 1, FAR))
    kept: Numbers = best.astype(np.int16)
    return kept

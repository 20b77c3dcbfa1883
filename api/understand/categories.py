"""Which category a query wants: a multinomial logistic regression over words and character n-grams, served by numpy.

    features of the text → TF-IDF, length 1 → weights (sparse) → softmax → without "none" → isotonic calibration

`learn/lexicon/train_categories.py` trains it with the same `features_of`, and fits the calibration (Zadrozny and Elkan
2002, "Transforming classifier scores into accurate multiclass probability estimates") on texts it had not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from api.understand.vocabulary import words_of

# The class of what stands in no category, or in one too small to learn. Never answered.
NONE = ""
MOST = 8


def features_of(text: str, grams: Sequence[int]) -> list[str]:
    """`"USB hub"`, (4,) → `["usb", "hub", "usb hub", "#usb", "usb#", …]`: words, pairs, n-grams within `#word#`."""
    words = words_of(text)
    found = [*words, *(f"{first} {second}" for first, second in pairwise(words))]
    for word in words:
        marked = f"#{word}#"
        for size in grams:
            # As long as the marked word, it would be the word again.
            found += [marked[start : start + size] for start in range(len(marked) - size + 1) if size < len(marked)]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class CategoryModel:
    """`features` maps each to its row of a sparse matrix (CSR: `starts` (f + 1,), `classes` and `weights`), which has a
    column for each of `labels`; `idf` (f,), `bias` (c,) float32. `raw` and `calibrated` (k,) are the corners of the
    calibration, rising. What is less probable than `least` is not answered.
    """

    labels: tuple[str, ...]
    features: Mapping[str, int]
    grams: tuple[int, ...]
    idf: NDArray[np.float32]
    starts: NDArray[np.int64]
    classes: NDArray[np.int32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    raw: NDArray[np.float64]
    calibrated: NDArray[np.float64]
    least: float

    def __call__(self, text: str) -> tuple[tuple[str, float], ...]:
        """Labels and their calibrated probabilities, best first; () when no part of the text was ever seen."""
        shares = self.probabilities(text)
        if shares is None:
            return ()
        best = np.argsort(-shares, kind="stable")[:MOST]
        answered = [place for place in best if self.labels[place] != NONE]
        sure = np.interp(shares[answered], self.raw, self.calibrated)
        sure /= max(1.0, sure.sum())  # each was calibrated on its own
        pairs = zip(answered, sure.tolist(), strict=True)
        return tuple((self.labels[place], share) for place, share in pairs if share >= self.least)

    def probabilities(self, text: str) -> NDArray[np.float64] | None:
        """(c,) of all labels, `NONE` among them, before calibration; None when no part of the text was ever seen."""
        rows = [row for name in features_of(text, self.grams) if (row := self.features.get(name)) is not None]
        if not rows:
            return None
        values = self.idf[rows] / np.linalg.norm(self.idf[rows])
        begins, ends = self.starts[rows], self.starts[np.array(rows) + 1]
        places = np.concatenate([np.arange(begin, end) for begin, end in zip(begins, ends, strict=True)])
        products = self.weights[places] * np.repeat(values, ends - begins)
        logits = np.bincount(self.classes[places], products, minlength=len(self.labels)) + self.bias
        return softmax(logits.astype(np.float64))


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))

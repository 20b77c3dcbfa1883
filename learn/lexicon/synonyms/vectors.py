"""How near two terms are to the encoder that searches with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Encode = Callable[[list[str]], NDArray[np.float32]]


class Similarity:
    """Cosines between terms; each term is encoded once."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[str, NDArray[np.float32]] = {}

    def prepare(self, terms: Iterable[str]) -> None:
        """Encode many at once, which is faster than one by one."""
        new = [term for term in dict.fromkeys(terms) if term not in self._known]
        if new:
            self._known |= dict(zip(new, self._encode(new), strict=True))

    def __call__(self, first: str, second: str) -> float:
        self.prepare((first, second))
        return float(self._known[first] @ self._known[second])

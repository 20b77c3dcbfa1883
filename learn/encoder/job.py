"""A training as it was ordered, before any weight is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from learn.encoder.batches import batches
from learn.encoder.pairs import Pair
from learn.encoder.rules import EncoderRules

# In the trained folder: how it was made.
ABOUT = "about.json"


@dataclass(frozen=True)
class Job:
    """What is trained: the base model's folder, the pairs, the numbers, and how many tokens of a text are read."""

    base: Path
    base_hash: str
    pairs: Sequence[Pair]
    rules: EncoderRules
    max_tokens: int
    seed: int

    @property
    def key(self) -> str:
        """16 hex digits: two jobs with the same key end in the same weights."""
        digest = hashlib.blake2b(digest_size=8)
        numbers = self.rules.model_dump_json(exclude={"keep", "checkpoint", "threads"})
        digest.update(f"{self.base_hash}|{self.max_tokens}|{self.seed}|{numbers}".encode())
        for pair in self.pairs:
            digest.update("\x1f".join((pair.family, pair.anchor, pair.positive, pair.negative)).encode() + b"\x1e")
        return digest.hexdigest()

    def batches(self) -> Iterator[list[Pair]]:
        """The batches of the whole training, in order."""
        endless = batches(self.pairs, self.rules.batch, self.rules.shares, self.seed)
        return islice(endless, self.rules.steps)

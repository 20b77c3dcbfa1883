"""How one model is grown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from learn.train.options import Parameters


@dataclass(frozen=True)
class Recipe:
    """Parameters of the trainer, rounds, boosters that are averaged, seed."""

    parameters: Parameters
    rounds: int
    bags: int
    seed: int

    def once(self, rounds: int, seed: int) -> Recipe:
        """The same with one booster."""
        return replace(self, rounds=rounds, bags=1, seed=seed)

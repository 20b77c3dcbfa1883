"""What is moved: the documents behind one alias from one index to another, and how far that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ingest.reindex.carry import Carrier
from ingest.reindex.copy import Copier
from ingest.reindex.shards import Shards
from ingest.reindex.subject import Subject

Action = Literal["reindex", "rollback"]


@dataclass
class Move:
    """`after`: in each shard of the source, the number up to which every operation is in the target.

    `reached`: the target's own numbers at the switch; every later operation was written to it and to no other.
    """

    kind: Subject
    alias: str
    source: str
    target: str
    after: list[int]
    reached: list[int] = field(default_factory=list)

    @property
    def next_alias(self) -> str:
        """The alias of the target until it takes over. Who no longer finds it there has been overtaken."""
        return f"{self.alias}-next"


@dataclass
class State:
    """What a run remembers for the next one: `switching` while writes are held, `recipe` what the target is made of."""

    action: Action
    recipe: str
    moves: list[Move]
    switching: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the lock's document."""
        return asdict(self)

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> State:
        """The reverse of `as_json`."""
        return cls(**state | {"moves": [Move(**move) for move in state["moves"]]})


@dataclass
class Job:
    """A move with what does it, and what was done."""

    move: Move
    source: Shards
    target: Shards
    carrier: Carrier
    writers: int
    copied: int = 0
    deleted: int = 0

    def round(self, page: Callable[[int], None]) -> int:
        """Copy what came since the last round; how many documents. `page(documents)` is called as it goes on.

        Raises SoukError for documents that do not fit.
        """
        reached = self.source.settle()

        def done(shard: int, number: int, documents: int) -> None:
            # Above the checkpoint a smaller number may have been on its way still: the next round reads from there.
            self.move.after[shard] = max(self.move.after[shard], min(number, reached[shard]))
            page(documents)

        copied = Copier(self.source, self.move.next_alias, self.carrier, self.writers)(list(self.move.after), done)
        self.move.after = reached
        self.copied += copied
        return copied

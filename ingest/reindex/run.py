"""The road of a reindex. Read it first.

alone (lock) → templates → a new index beside → copy, round by round → check → hold writes, last round → switch

The rest is `moving.py`; docs/decisions/reindex.md says why no write is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

from opensearchpy import OpenSearch

from ingest.patience import Patience
from ingest.reindex.carry import Carrier
from ingest.reindex.copy import Unfit
from ingest.reindex.leftovers import clear, take_up
from ingest.reindex.model import Model
from ingest.reindex.move import Job, Move, State
from ingest.reindex.moving import Moved, Moving, Teller
from ingest.reindex.prepare import bring_templates, recipe_of, require_one_model
from ingest.reindex.rules import ReindexRules
from ingest.reindex.shards import NOTHING, Shards
from ingest.reindex.subject import Subject
from ingest.reindex.target import create, mapping_of, origin, reopen
from stack.client import engine_errors
from stack.errors import ConfigError
from stack.indexes import index_info, next_index, read_index, require_model, versions
from stack.locks import Held, held
from stack.settings import Settings

WORK = "reindex"
RETRY_FOR_S = 120.0
AGAIN = "Nothing is lost: see to the engine (souk status) and run the same command again, it goes on"


@dataclass
class Reindexer:
    """The collaborators of a run. Each method raises SoukError that names what keeps it from being done; searches and
    writes then go on in the indexes that are in use."""

    client: OpenSearch
    settings: Settings
    rules: ReindexRules
    model: Model
    teller: Teller
    halt: Event

    def reindex(self, kinds: Sequence[Subject], keep: int) -> list[Moved]:
        """Build the indexes of `kinds` anew and switch to all of them at once. The last `keep` old ones stay."""
        with self._alone() as work:
            require_one_model(self.client, self.settings, self.model.card, kinds)
            recipe = recipe_of(self.settings, self.model.card, kinds)
            state = take_up(self.client, work, recipe, self.teller.say)
            if state is None:
                bring_templates(self.client, self.settings, self.model.card, self.teller.say)
                state = State("reindex", recipe, [self._new(kind) for kind in kinds])
                work.save(state.as_json())
                for move in state.moves:
                    create(self.client, move)
            moved = self._move(work, state)
            for move in state.moves:
                self._drop_old(move, keep)
            work.save({})
            return moved

    def rollback(self, kinds: Sequence[Subject]) -> list[Moved]:
        """Go back to the indexes that the present ones were built from, with all that was written since.

        Raises ConfigError where there is none, ModelMismatchError when its vectors are of another model than ours.
        """
        with self._alone() as work:
            clear(self.client, work, self.teller.say)
            require_one_model(self.client, self.settings, self.model.card, kinds)
            state = State("rollback", "", [self._back(kind) for kind in kinds])
            work.save(state.as_json())
            for move in state.moves:
                reopen(self.client, move)
            moved = self._move(work, state)
            work.save({})
            return moved

    def abandon(self) -> None:
        """Clear away what an unfinished run has left."""
        with self._alone() as work:
            clear(self.client, work, self.teller.say)

    @contextmanager
    def _alone(self) -> Iterator[Held]:
        with held(self.client, self.settings.index_prefix, WORK) as work, engine_errors():
            yield work

    def _new(self, kind: Subject) -> Move:
        info = read_index(self.client, self.settings.alias(kind))
        target = next_index(self.client, info.alias)
        return Move(kind, info.alias, info.name, target, [NOTHING] * len(self._shards(info.name).numbers()))

    def _back(self, kind: Subject) -> Move:
        info = read_index(self.client, self.settings.alias(kind))
        noted = origin(self.client, info.name)
        if noted is None or noted[0] not in versions(self.client, info.alias):
            raise ConfigError(f"there is no older index than {info.name} to go back to", "See souk reindex status")
        previous = index_info(info.alias, self.client.indices.get_mapping(index=noted[0]))
        if previous.model is not None:
            require_model(previous, self.model.card)
        return Move(kind, info.alias, info.name, noted[0], noted[1])

    def _move(self, work: Held, state: State) -> list[Moved]:
        jobs = [self._job(move) for move in state.moves]
        try:
            return Moving(self.client, self.rules, work, state, jobs, self.teller)()
        except Unfit:
            clear(self.client, work, self.teller.say)
            raise

    def _job(self, move: Move) -> Job:
        source, target = mapping_of(self.client, move.source), mapping_of(self.client, move.target)
        same = (source.get("_meta") or {}).get("embedding") == self.model.card.as_meta()
        fields = source.get("properties", {}), target.get("properties", {})
        carrier = Carrier(move.kind, *fields, self.model.card, same, self.model.enricher)
        return Job(move, self._shards(move.source), self._shards(move.target), carrier, self.rules.writers)

    def _shards(self, name: str) -> Shards:
        return Shards(self.client, name, Patience(RETRY_FOR_S, self.halt, AGAIN), self.rules.page)

    def _drop_old(self, move: Move, keep: int) -> None:
        for name in superfluous(versions(self.client, move.alias), move, keep):
            self.client.indices.delete(index=name)
            self.teller.say(f"{name} is removed (--keep {keep})")


def superfluous(names: Sequence[str], move: Move, keep: int) -> list[str]:
    """Of all indexes of an alias, oldest first, those that go: `keep` stay, the one that can be gone back to first."""
    others = [name for name in names if name not in (move.source, move.target)]
    return others[: max(0, len(others) - (keep - 1))]

"""Writes are held on the sources for a moment; then the targets take over their aliases, all in one change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from opensearchpy import OpenSearch

from ingest.reindex.move import Move
from stack.errors import EngineError


class Hold:
    """Whether writes stay held after it."""

    kept = True

    def give_up(self) -> None:
        """They go on."""
        self.kept = False


@contextmanager
def held_writes(client: OpenSearch, names: Sequence[str], let_go_of: Callable[[], None]) -> Iterator[Hold]:
    """Refuse writes to the indexes; writers of ours wait meanwhile. When this is entered none is under way any more.

    They stay refused when all goes well. When something is raised within, or given up, they are let go, and
    `let_go_of` is called. Raises EngineError when some shard did not say that it holds.
    """
    hold = Hold()
    try:
        for name in names:
            _hold(client, name)
        yield hold
    except BaseException:
        hold.give_up()
        raise
    finally:
        if not hold.kept:
            for name in names:
                let_go(client, name)
            let_go_of()


def _hold(client: OpenSearch, name: str) -> None:
    """The engine's own way to block: it answers when every operation that was under way has ended."""
    answer = client.transport.perform_request("PUT", f"/{name}/_block/write")
    if not (answer["acknowledged"] and answer["shards_acknowledged"]):
        raise EngineError(
            f"writes to {name} could not be held", "See to the cluster (souk status), then run this again"
        )


def let_go(client: OpenSearch, name: str) -> None:
    """Take writes again."""
    client.indices.put_settings(index=name, body={"index": {"blocks.write": None}})


def switch(client: OpenSearch, moves: Sequence[Move]) -> None:
    """All aliases at once, to the targets. Refused as a whole when one is not where it was left."""
    actions: list[dict[str, object]] = []
    for move in moves:
        actions += [
            {"remove": {"index": move.source, "alias": move.alias, "must_exist": True}},
            {"remove": {"index": move.target, "alias": move.next_alias, "must_exist": True}},
            {"add": {"index": move.target, "alias": move.alias, "is_write_index": True}},
        ]
    client.indices.update_aliases(body={"actions": actions})

"""What a run left that was killed or stopped: it is gone on with, or cleared away, so that nothing half-built stays."""

from __future__ import annotations

from collections.abc import Callable

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound

from ingest.reindex.hold import let_go
from ingest.reindex.move import Move, State
from ingest.reindex.target import BUILDING, finish
from stack.locks import Held


def take_up(client: OpenSearch, work: Held, recipe: str, say: Callable[[str], None]) -> State | None:
    """The state to go on with, when the last run wanted the same and was not in the middle of its switch.

    One that was may still be alive, only slow: its target is removed, so that its switch would be refused. Anything
    else is cleared away.
    """
    if not work.state:
        return None
    state = State.from_json(work.state)
    if state.action == "reindex" and state.recipe == recipe and not state.switching and _is_there(client, state):
        for move in state.moves:
            client.indices.put_settings(index=move.target, body={"index": BUILDING})
        say(f"going on with {', '.join(move.target for move in state.moves)}")
        return state
    clear(client, work, say)
    return None


def clear(client: OpenSearch, work: Held, say: Callable[[str], None]) -> None:
    """Remove what a run has built, or put an index that it went back to aside again; let writes go on."""
    if not work.state:
        return
    state = State.from_json(work.state)
    for move in state.moves:
        if _exists(client, move.alias, move.target):
            finish(client, move)  # it had switched, and was killed right after
        else:
            _clear(client, state, move, say)
    work.save({})


def _clear(client: OpenSearch, state: State, move: Move, say: Callable[[str], None]) -> None:
    if client.indices.exists(index=move.source):
        let_go(client, move.source)
    if not client.indices.exists(index=move.target):
        return
    if state.action == "reindex":
        client.indices.delete(index=move.target)
        say(f"{move.target}, left by an earlier run, is removed")
        return
    if _exists(client, move.next_alias, move.target):
        client.indices.delete_alias(index=move.target, name=move.next_alias)
    client.transport.perform_request("PUT", f"/{move.target}/_block/write")
    say(f"{move.target} is set aside again")


def _is_there(client: OpenSearch, state: State) -> bool:
    return all(
        _exists(client, move.alias, move.source) and _exists(client, move.next_alias, move.target)
        for move in state.moves
    )


def _exists(client: OpenSearch, alias: str, index: str) -> bool:
    try:
        return bool(client.indices.exists_alias(index=index, name=alias))
    except EngineNotFound:
        return False

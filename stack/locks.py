"""One process at a time over all machines: a document on the cluster says who works, its heartbeat that they live.

The document keeps what the work wants to remember (`state`), so that a later process can go on where a killed one was.
Every change of it is conditional on the last one (`if_seq_no`): who was taken for dead and is not finds out at its next
`save`, and stops.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any

import psutil
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, OpenSearchException, RequestError
from opensearchpy.exceptions import NotFoundError as EngineNotFound

from stack.client import engine_errors, translate
from stack.errors import SoukError
from stack.processes import running

HEARTBEAT_S = 5.0
# Without a heartbeat for so long an owner on another machine counts as dead. Clocks may differ by half of it.
DEAD_AFTER_S = 60.0
BODY = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
    "mappings": {"dynamic": False, "properties": {}},
}


def lock_index(prefix: str) -> str:
    """`souk` → `souk-locks`."""
    return f"{prefix}-locks"


@dataclass(frozen=True)
class Work:
    """What the document says: who, since when, whether they live, and what they remember."""

    owner: str
    started_at: str
    alive: bool
    state: dict[str, Any]


class Held:
    """Work that is ours. `state` is what the last owner remembered, `{}` when it ended well."""

    def __init__(self, client: OpenSearch, index: str, name: str, state: dict[str, Any]) -> None:
        self.state = state
        self._client, self._index, self._name = client, index, name
        self._content = _me() | {"state": state}
        self._place: dict[str, Any] = {}
        self._lock = Lock()
        self._lost = False

    def save(self, state: dict[str, Any]) -> None:
        """Remember. Raises SoukError when the work was taken over, EngineError when the engine cannot say."""
        with self._lock:
            self.state = state
            self._content["state"] = state
            with engine_errors():
                self._write()

    def beat(self) -> None:
        """Say that we live. An engine that is away is no reason to stop: `save` will tell."""
        with self._lock:
            try:
                self._write()
            except (OpenSearchException, SoukError):
                return

    def release(self) -> None:
        """Give it back: gone when nothing is left to remember, else free for the next."""
        with self._lock, engine_errors():
            if not self.state:
                self._client.delete(index=self._index, id=self._name, params=dict(self._place))
            else:
                self._content["heartbeat_at"] = None
                self._write(beat=False)

    def take(self, place: dict[str, Any] | None) -> None:
        """Write the document the first time: over the one at `place`, or as a new one."""
        self._place = place or {"op_type": "create"}
        self._write()

    def _write(self, beat: bool = True) -> None:
        if self._lost:
            raise _taken_over(self._name)
        if beat:
            self._content["heartbeat_at"] = datetime.now(UTC).isoformat()
        try:
            answer = self._client.index(index=self._index, id=self._name, body=self._content, params=dict(self._place))
        except ConflictError as error:
            answer = _read(self._client, self._index, self._name) or {}
            # The client sends again what a connection lost: the first may have arrived, and conflicts with the second.
            if answer.get("_source") != self._content:
                self._lost = True
                raise _taken_over(self._name) from error
        self._place = _place(answer)


@contextmanager
def held(client: OpenSearch, prefix: str, name: str) -> Iterator[Held]:
    """Do the work `name` alone. Raises SoukError that says who does it since when, when somebody else does."""
    mine = _take(client, lock_index(prefix), name)
    ended = Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_S):
            mine.beat()

    thread = Thread(target=beat, name=f"lock-{name}", daemon=True)
    thread.start()
    try:
        yield mine
    finally:
        ended.set()
        thread.join()
        with suppress(SoukError):  # it shows as dead before long; what is raised within says more
            mine.release()


def look(client: OpenSearch, prefix: str, name: str) -> Work | None:
    """Who does, or left unfinished, the work `name`; None when nobody does."""
    found = _read(client, lock_index(prefix), name)
    return None if found is None else _work(found["_source"])


def _take(client: OpenSearch, index: str, name: str) -> Held:
    with engine_errors():
        _make_index(client, index)
    found = _read(client, index, name)
    if found is not None and (work := _work(found["_source"])).alive:
        raise already_running(name, work)
    mine = Held(client, index, name, found["_source"].get("state") or {} if found else {})
    try:
        with engine_errors():
            mine.take(_place(found) if found else None)
    except SoukError as error:
        other = _read(client, index, name)
        raise already_running(name, _work(other["_source"])) if other else translate(error) from error
    return mine


def already_running(name: str, work: Work) -> SoukError:
    """The refusal of a second process."""
    return SoukError(
        f"a {name} is running already: {work.owner}, since {work.started_at}",
        f"Wait for it, or end that process; one that gives no sign for {DEAD_AFTER_S:.0f} s is taken for dead",
    )


def _taken_over(name: str) -> SoukError:
    return SoukError(
        f"another process took over this {name}: it had no sign of life from us",
        "Let that one finish (souk reindex status says who it is)",
    )


def _make_index(client: OpenSearch, index: str) -> None:
    if client.indices.exists(index=index):
        return
    try:
        client.indices.create(index=index, body=BODY)
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise


def _read(client: OpenSearch, index: str, name: str) -> dict[str, Any] | None:
    with engine_errors():
        try:
            return dict(client.get(index=index, id=name))
        except EngineNotFound:
            return None


def _me() -> dict[str, Any]:
    process = psutil.Process()
    return {
        "user": _user(),
        "host": socket.gethostname(),
        "pid": process.pid,
        "pid_created": process.create_time(),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return f"user {os.getuid()}"


def _place(answer: dict[str, Any]) -> dict[str, Any]:
    return {"if_seq_no": answer["_seq_no"], "if_primary_term": answer["_primary_term"]}


def _work(content: dict[str, Any]) -> Work:
    owner = f"{content.get('user')} on {content.get('host')}, pid {content.get('pid')}"
    return Work(owner, str(content.get("started_at")), _alive(content), content.get("state") or {})


def _alive(content: dict[str, Any]) -> bool:
    """On this machine the process is looked for; of another one the heartbeat tells."""
    if not content.get("heartbeat_at"):
        return False
    if content.get("host") == socket.gethostname():
        return running(int(content["pid"]), float(content["pid_created"])) is not None
    age = datetime.now(UTC) - datetime.fromisoformat(content["heartbeat_at"])
    return age.total_seconds() < DEAD_AFTER_S

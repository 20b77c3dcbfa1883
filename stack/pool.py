"""Which node a request goes to: all in turn, but for those that failed a moment ago; and when another is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from itertools import count
from random import randrange
from typing import Any

import orjson
from opensearchpy import AsyncTransport, ConnectionPool, Transport
from opensearchpy.exceptions import ConnectionError, ConnectionTimeout

REST_S = 1.0
LONGEST_REST_S = 30.0  # a node that comes back is in use again half a minute later at the latest


class NodePool(ConnectionPool):
    """Round robin over the nodes; one that failed rests for 1 s, then 2 s, 4 s … at most 30 s.

    The client's own pool rests a node for 1 to 32 minutes, and forgets to close the connections of one that rests.
    """

    def __init__(self, connections: Any, now: Callable[[], float] = time.monotonic, **_: Any) -> None:
        self.connection_opts = connections
        self.connections = [connection for connection, _ in connections]
        self._now = now
        self._turns = count(randrange(len(self.connections)))  # noqa: S311  many clients do not start at one node
        self._rests: dict[Any, tuple[float, int]] = {}  # connection → (until, failures in a row)

    def get_connection(self) -> Any:
        """The next node that does not rest; where all rest the one that wakes first, so that there is always one."""
        now, turn = self._now(), next(self._turns)
        order = [self.connections[(turn + step) % len(self.connections)] for step in range(len(self.connections))]
        return next((node for node in order if self._until(node) <= now), min(order, key=self._until))

    def mark_dead(self, connection: Any, now: float | None = None) -> None:
        started = self._now() if now is None else now
        until, failures = self._rests.get(connection, (0.0, 0))
        if until > started:  # many requests fail together: they are one failure
            return
        self._rests[connection] = started + min(REST_S * 2**failures, LONGEST_REST_S), failures + 1

    def mark_live(self, connection: Any) -> None:
        self._rests.pop(connection, None)

    def resurrect(self, force: bool = False) -> Any:  # noqa: ARG002  part of the client's interface
        return None

    def _until(self, connection: Any) -> float:
        return self._rests.get(connection, (0.0, 0))[0]


class NodeTransport(Transport):
    """Notes of a node that was late, too, that it has to rest; who writes tries again, and comes to another node.

    A connection that failed at once is tried again at another node here; a lone node as the client does by itself.
    """

    def __init__(self, hosts: Any, **options: Any) -> None:
        super().__init__(hosts, **_noting(options, hosts))

    def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        asked = dict(params or {})  # the client takes parameters out of what it is given
        try:
            return super().perform_request(method, url, {**asked}, body, timeout, ignore, headers)
        except ConnectionError as error:
            if len(self.hosts) == 1 or isinstance(error, ConnectionTimeout):
                raise
            return super().perform_request(method, url, asked, body, timeout, ignore, headers)


def _noting(options: dict[str, Any], hosts: Any) -> dict[str, Any]:
    """Without tries of its own the client notes on any failure, a timeout too, that the node has to rest."""
    return options | {"retry_on_timeout": True, "max_retries": 0} if len(hosts) > 1 else options


class SearchTransport(AsyncTransport):
    """Sends a request that one of several nodes does not answer once more, to another, and lets the engine choose.

    A node that hangs (a stopped process, a lost network) refuses nothing: until the cluster leaves it out, 11 s later,
    each search that meets it waits in vain. So a node gets half of the `request_timeout`. It need not be the one asked
    that hangs, but one whose shard copies it asks in turn: then the second try is sent without `preference`, which pins
    copies, and the engine takes those that answer fastest ("adaptive replica selection"). A lone node gets all the
    time, and another try only for a connection that it had closed.
    """

    def __init__(self, hosts: Any, **options: Any) -> None:
        super().__init__(hosts, **_noting(options, hosts))

    async def perform_request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        timeout: float | None = None,  # noqa: ASYNC109  the client's interface
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        if len(self.hosts) == 1:
            return await super().perform_request(method, url, params, body, timeout, ignore, headers)
        asked = dict(params or {})
        if "request_timeout" in asked:
            asked["request_timeout"] /= 2
        try:
            return await super().perform_request(method, url, {**asked}, body, timeout, ignore, headers)
        except ConnectionError:
            if not _pinned(asked.get("preference")):
                asked.pop("preference", None)
            if url == "/_msearch":
                body = unpinned(body)
            return await super().perform_request(method, url, asked, body, timeout, ignore, headers)


def unpinned(body: str) -> str:
    """The lines of an `_msearch` without the `preference` of each search."""
    lines = body.split("\n")
    for place in range(0, len(lines) - 1, 2):
        header = orjson.loads(lines[place])
        if not _pinned(header.get("preference")):
            header.pop("preference", None)
            lines[place] = orjson.dumps(header).decode()
    return "\n".join(lines)


def _pinned(preference: object) -> bool:
    """Whether it names nodes or shards (`_local`, `_shards:2`), which has a meaning beyond which copy is taken."""
    return isinstance(preference, str) and preference.startswith("_")

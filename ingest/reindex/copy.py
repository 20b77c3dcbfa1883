"""One round of copying: what was written to the source since the last round goes to the target, with its version."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep
from typing import Any

import orjson

from ingest.patience import BUSY, Busy
from ingest.reindex.carry import Carrier, Line
from ingest.reindex.shards import Shards
from ingest.write import ANSWERED, chunks
from stack.errors import NotFoundError, SoukError

# A document that was deleted and came back with an older version is refused where its newer one still stands. That one
# is deleted, and forgotten after this time: the target keeps no tombstones (`target.py`), but the engine's clock ticks
# only five times a second.
FORGOTTEN_S = 0.5
FORCED = 20


class Copier:
    """Copies from `source` into the index behind `alias`. Raises SoukError for documents that do not fit there."""

    def __init__(self, source: Shards, alias: str, carrier: Carrier, writers: int) -> None:
        self._source = source
        self._alias = alias
        self._carrier = carrier
        self._writers = writers

    def __call__(self, after: list[int], done: Callable[[int, int, int], None]) -> int:
        """Copy what is newer than `after` in each shard; how many. `done(shard, number, documents)` as it goes on."""
        return sum(self._shard(shard, first, done) for shard, first in enumerate(after))

    def _shard(self, shard: int, after: int, done: Callable[[int, int, int], None]) -> int:
        copied = 0
        on_the_way: deque[tuple[Future[None], int, int]] = deque()

        def land() -> None:
            nonlocal copied
            sent, number, size = on_the_way.popleft()
            sent.result()
            copied += size
            done(shard, number, size)

        with ThreadPoolExecutor(self._writers, "reindex") as pool:
            for hits in self._source.pages(shard, after, self._carrier.body):
                lines = self._carrier(hits)
                on_the_way.append((pool.submit(self._write, lines), hits[-1]["sort"][0], len(hits)))
                if len(on_the_way) > self._writers:
                    land()
            while on_the_way:
                land()
        return copied

    def _write(self, lines: list[Line]) -> None:
        for chunk in chunks(lines):
            ahead = self._send(chunk)
            for _ in range(FORCED):
                if not ahead:
                    break
                self._forget(ahead)
                sleep(FORGOTTEN_S)
                ahead = self._send(ahead)
            if ahead:
                raise SoukError(f"the target keeps a newer {ahead[0][0]['_id']!r}", "Run this again; it starts anew")

    def _send(self, lines: list[Line]) -> list[Line]:
        """Write; the lines whose newer version stands in the target."""
        ahead: list[Line] = []

        def once() -> None:
            nonlocal lines
            answer = self._bulk(b"".join(content for _, content in lines))
            if answer["errors"]:
                lines = [each for each, outcome in _outcomes(lines, answer) if not _settled(each, outcome, ahead)]
                if lines:
                    raise Busy(f"the engine is too busy to take {len(lines)} documents (429)")

        self._source.ask(once)
        return ahead

    def _bulk(self, body: bytes) -> dict[str, Any]:
        # require_alias: were the target gone, a plain write would make an index of its name.
        parameters = {"filter_path": ANSWERED, "require_alias": "true"}
        return dict(self._source.client.bulk(body=body, index=self._alias, params=parameters))

    def _forget(self, lines: list[Line]) -> None:
        deletes = b"".join(orjson.dumps({"delete": {"_id": hit["_id"]}}) + b"\n" for hit, _ in lines)
        self._source.ask(lambda: self._bulk(deletes))


def _outcomes(lines: list[Line], answer: dict[str, Any]) -> Iterator[tuple[Line, dict[str, Any]]]:
    return zip(lines, (outcome["index"] for outcome in answer["items"]), strict=True)


def _settled(line: Line, outcome: dict[str, Any], ahead: list[Line]) -> bool:
    """False: send it again. Raises SoukError for what will not be taken however often it is sent."""
    status, error = outcome["status"], outcome.get("error", {})
    if status < 300:
        return True
    if status == 409:
        ahead.append(line)
        return True
    if status in BUSY:
        return False
    if status == 404:
        raise NotFoundError("the index that is being built is gone", "Run this again; it starts anew")
    causes = [error.get("type"), error.get("reason"), error.get("caused_by", {}).get("reason")]
    reason = ": ".join(str(cause) for cause in causes if cause)
    raise Unfit(line[0]["_id"], reason)


class Unfit(SoukError):
    """A document that the new mapping does not take."""

    def __init__(self, id_: str, reason: str) -> None:
        super().__init__(
            f"the new index does not take the document {id_!r}: {reason}",
            "Nothing was switched. Correct mappings/, or the document, and run this again",
        )

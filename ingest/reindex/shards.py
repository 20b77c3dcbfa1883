"""An index as its shards see it: every operation has a sequence number, and what came after one can be read.

A shard numbers its operations in order, writes and deletes alike. All up to its *global checkpoint* are done on every
copy; above it a number may be visible while a smaller one is still on its way. So the checkpoint is taken first, then
the index is refreshed, then it is read: all operations up to that checkpoint are in what is read, and the next round
starts behind it. What was visible above it is read twice, which does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from opensearchpy.exceptions import TransportError

from ingest.patience import Busy, Patience

NOTHING = -1
"""The checkpoint before the first operation."""
KEPT = "5m"  # an open read is kept so long after its last page
Hit = dict[str, Any]
T = TypeVar("T")


class Shards:
    """One index, read from its primaries. Every request waits for a busy engine as ingestion does.

    Raises EngineUnavailableError when that takes too long, EngineError when the engine refuses.
    """

    def __init__(self, client: OpenSearch, index: str, patience: Patience, page: int) -> None:
        self.client = client
        self.index = index
        self._patience = patience
        self._page = page

    def ask(self, request: Callable[[], T]) -> T:
        """A request that may be sent again."""
        return self._patience.ask(request)

    def settle(self) -> list[int]:
        """The global checkpoint of each shard, and everything up to it made visible."""
        reached = [numbers["global_checkpoint"] for numbers in self.numbers()]
        self.refresh()
        return reached

    def numbers(self) -> list[dict[str, int]]:
        """`max_seq_no`, `local_checkpoint` and `global_checkpoint` of each shard, as its primary has them.

        A shard without a primary, as when a node has just gone, is waited for.
        """
        return self.ask(self._numbers)

    def _numbers(self) -> list[dict[str, int]]:
        settings = self.client.indices.get_settings(index=self.index, name="index.number_of_shards")
        number = int(settings[self.index]["settings"]["index"]["number_of_shards"])
        answer = self.client.indices.stats(index=self.index, metric="docs", params={"level": "shards"})
        return primaries(self.index, number, answer.get("indices", {}).get(self.index, {}).get("shards", {}))

    def behind(self, after: list[int]) -> int:
        """How many operations there have been since."""
        return sum(numbers["max_seq_no"] - done for numbers, done in zip(self.numbers(), after, strict=True))

    def refresh(self) -> None:
        """Make visible what was written."""
        self.ask(lambda: self.client.indices.refresh(index=self.index))

    def count(self) -> int:
        """Its documents that are visible."""

        def whole() -> int:
            answer = self.client.count(index=self.index, params={"preference": "_primary"})
            if answer["_shards"]["failed"]:
                raise Busy(f"{self.index} cannot be counted: {answer['_shards']['failed']} of its shards do not answer")
            return int(answer["count"])

        return self.ask(whole)

    def pages(
        self, shard: int, after: int, body: dict[str, Any], query: dict[str, Any] | None = None
    ) -> Iterator[list[Hit]]:
        """The documents whose last write has a number above `after`, oldest write first, with `_version` and `_seq_no`.

        `body` says what comes with a hit. A read that the engine has lost is opened again where it stopped.
        """
        opened = self._open(shard)
        try:
            while True:
                newer = {"range": {"_seq_no": {"gt": after}}}
                search = body | {
                    "size": self._page,
                    "query": {"bool": {"filter": [newer, *([query] if query else [])]}},
                    "sort": [{"_seq_no": "asc"}],
                    "version": True,
                    "track_total_hits": False,
                }
                try:
                    hits = self._read(search, opened)
                except EngineNotFound:
                    opened = self._open(shard)
                    continue
                if not hits:
                    return
                yield hits
                after = hits[-1]["sort"][0]
        finally:
            self._close(opened)

    def _open(self, shard: int) -> str:
        where = {"keep_alive": KEPT, "preference": f"_shards:{shard}|_primary"}
        answer = self.ask(
            lambda: self.client.transport.perform_request(
                "POST", f"/{self.index}/_search/point_in_time", params=dict(where)
            )
        )
        return str(answer["pit_id"])

    def _read(self, search: dict[str, Any], opened: str) -> list[Hit]:
        body = search | {"pit": {"id": opened, "keep_alive": KEPT}}
        for attempt in self._patience.attempts():
            with attempt:
                answer = self.client.search(body=body, params={"allow_partial_search_results": "false"})
        if not answer["_shards"]["total"]:  # what the engine says of a read that it knows nothing of (docs/engine.md)
            raise EngineNotFound(404, "search_context_missing_exception", {})
        return list(answer["hits"]["hits"])

    def _close(self, opened: str) -> None:
        with suppress(TransportError):  # it ends by itself
            self.client.transport.perform_request("DELETE", "/_search/point_in_time", body={"pit_id": [opened]})


def primaries(index: str, number: int, shards: dict[str, list[dict[str, Any]]]) -> list[dict[str, int]]:
    """The sequence numbers of each of `number` shards by its primary. Raises Busy while one has none."""
    found = [[copy for copy in shards.get(str(each), []) if copy["routing"]["primary"]] for each in range(number)]
    missing = [str(each) for each, copies in enumerate(found) if not copies]
    if missing:
        raise Busy(f"shard {', '.join(missing)} of {index} has no primary")
    return [copies[0]["seq_no"] for copies in found]

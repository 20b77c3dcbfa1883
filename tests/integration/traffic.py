"""Readers and writers that never stop, for the proofs of a reindex: what was acknowledged, and what failed."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import httpx
from opensearchpy import OpenSearch, helpers

from ingest.patience import Patience
from ingest.record import Batch, Deletion, Item, Record
from ingest.write import Writer
from stack.client import connect
from stack.documents import Product, index_body
from stack.settings import Settings

WAITED_S = 60.0
QUERIES = ("lamp", "blue lamp", "lamp number 17", "desk", "green desk lamp", "chair")
COLOURS = ("blue", "green", "red", "white")
THINGS = ("lamp", "desk", "chair", "table")


def product(number: int, version: int) -> Product:
    """A product whose text tells its version."""
    title = f"{COLOURS[number % 4]} {THINGS[number % 3]} number {number}"
    updated = datetime.fromtimestamp(version / 1000, UTC)
    return Product(id=f"p{number}", title=title, description=f"as of {version}", updated_at=updated)


class Ingestion:
    """Two threads of ingestion's own writer: documents come, change and go. Each id is one thread's alone.

    `acknowledged` is the last version of each id that the engine took, None for a deleted one.
    """

    def __init__(self, settings: Settings, first: int, size: int, pause_s: float = 0.02) -> None:
        self.acknowledged: dict[str, int | None] = {}
        self.failures: list[BaseException] = []
        self._settings = settings
        self._numbers = range(first)
        self._size = size
        self._pause_s = pause_s
        self._halt = Event()
        self._versions = itertools.count(2_000_000_000_000)
        self._new = itertools.count(first)
        self._threads = [Thread(target=self._run, args=(part,), daemon=True) for part in range(2)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, when what is being written is written."""
        self._halt.set()
        for thread in self._threads:
            thread.join(WAITED_S)

    def _run(self, part: int) -> None:
        chance = random.Random(part)
        mine = [number for number in self._numbers if number % 2 == part]
        with connect(self._settings) as client:
            writer = Writer(client, self._settings.alias("product"), Patience(WAITED_S, Event()))
            while not self._halt.wait(self._pause_s):
                try:
                    self._write(writer, chance, mine)
                except BaseException as error:  # noqa: BLE001  the test looks at it
                    self.failures.append(error)
                    return

    def _write(self, writer: Writer, chance: random.Random, mine: list[int]) -> None:
        chosen = chance.sample(mine, self._size)
        fresh = next(self._new)
        version = next(self._versions)
        gone = chosen[: self._size // 4]
        written = [*chosen[self._size // 4 :], fresh]
        batch = Batch(0, [_item(number, version) for number in written])
        batch.deletions = [_deletion(number, version) for number in gone]
        writer(batch)
        if batch.refusals or batch.counts.stale:
            raise AssertionError(f"{batch.counts} {batch.refusals[:1]}")
        self.acknowledged |= {f"p{number}": version for number in written}
        self.acknowledged |= {f"p{number}": None for number in gone}


def _item(number: int, version: int) -> Item:
    document = product(number, version)
    record = Record(number, number + 1, {})
    return Item(document, index_body(document), version, False, record, "traffic", (0, number))


def _deletion(number: int, version: int) -> Deletion:
    return Deletion(f"p{number}", version, False, Record(number, number + 1, {}), "traffic", (0, number))


class Searches:
    """Searches through the API, one after the other, as long as it is open."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._client = client
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Searches:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        for query in itertools.cycle(QUERIES):
            answer = await self._client.get("/v1/search", params={"q": query, "types": "product"})
            body: dict[str, Any] = answer.json()
            if answer.status_code != 200 or body["degraded"] or not body["hits"]:
                self.failed.append(f"{query}: {answer.status_code} {answer.text[:300]}")
            self.answered += 1
            await asyncio.sleep(0.01)


def held_versions(client: OpenSearch, index: str) -> dict[str, int]:
    """The version of every document of an index."""
    client.indices.refresh(index=index)
    return {
        hit["_id"]: hit["_version"]
        for hit in helpers.scan(client, index=index, query={"version": True, "_source": False}, size=2_000)
    }


def lost(acknowledged: dict[str, int | None], held: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    """What the index does not hold as it was acknowledged: id → (acknowledged, held)."""
    return {id_: (version, held.get(id_)) for id_, version in acknowledged.items() if held.get(id_) != version}

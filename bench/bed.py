"""What everything is measured on: indexes of the bench's own on the engine of the settings, and a catalogue in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch
from rich.progress import Progress

from bench.catalogue import SOUK, Catalogue
from bench.funnel import publish_funnel
from bench.processes import Finished, run_logging
from bench.queries import choose
from ingest.columns import parse_columns
from ingest.reading import Reading
from ingest.record import Item, Position
from ingest.sources import find_sources
from stack.apply import apply, plan
from stack.capabilities import read_capabilities
from stack.client import engine_errors
from stack.documents import KINDS
from stack.embedding.encoder import read_card
from stack.mappings import index_names, render
from stack.settings import Settings

SEARCHED, WRITTEN, BARE = "bench", "bench-write", "bench-bare"
"""Index prefixes: of the market that is searched, of what ingestion writes, of what bare bulk writes."""
SOME_REFUSED = 1  # the exit code of `souk ingest`: the real data has rows that are not valid
SETTLE_S = 60


class Bed:
    """The data, the engine and the clock's surroundings. `folder` is for files of the run."""

    def __init__(
        self,
        settings: Settings,
        client: OpenSearch,
        catalogue: Catalogue,
        progress: Progress,
        folder: Path,
        *,
        docs: int | None,
        rounds: int,
    ) -> None:
        self.settings = settings.model_copy(update={"index_prefix": SEARCHED, "published_dir": folder / "published"})
        self.client = client
        self.catalogue = catalogue
        self.progress = progress
        self.folder = folder
        self.docs = docs
        self.rounds = rounds
        self._filled = False

    def fill(self) -> None:
        """Fill the searched indexes, the first time that somebody asks."""
        if self._filled:
            return
        self.fresh_indexes(self.settings)
        for source in self.catalogue.sources:
            self.ingest([*source.arguments(), *self.limit], self.settings, f"filling {source.kind}s")
        self.settle()
        with self.track("lexicon and ranking models", None):
            publish_funnel(self.settings)
        self._filled = True

    def counts(self) -> dict[str, int]:
        """Documents that can be searched, by kind; none where there is no index yet."""
        with engine_errors():
            return {
                kind: self.client.count(index=f"{self.settings.alias(kind)}*", params={"allow_no_indices": "true"})[
                    "count"
                ]
                for kind in KINDS
            }

    def documents(self) -> dict[str, int]:
        """What was measured on: the market when it was filled in, else the products that were read."""
        return self.counts() if self._filled else {"product": len(self.titles)}

    @property
    def limit(self) -> list[str]:
        return ["--limit", str(self.docs)] if self.docs else []

    @cached_property
    def titles(self) -> list[str]:
        """Titles of the products: kept without the rest, which would make Python's own memory management slow."""
        return [item.document.title for item in self.products()]

    def products(self) -> Iterator[Item]:
        """Valid products, as ingestion would write them, one of each id."""
        source = self.catalogue.products
        now = datetime.now(UTC)
        columns = parse_columns("product", list(source.maps), list(source.sets))
        files = find_sources([str(file) for file in source.files], now)
        seen: set[str] = set()
        for batch in Reading("product", files, "auto", columns, 500, self.docs, now=now).batches(start=Position()):
            for item in batch.items:
                if item.document.id not in seen:
                    seen.add(item.document.id)
                    yield item

    def queries(self, count: int) -> list[str]:
        """Different queries: the real ones first."""
        return choose(self.catalogue.queries, self.titles, count)

    def fresh_indexes(self, settings: Settings) -> None:
        """Empty indexes under the prefix of `settings`, as `souk apply --recreate` makes them."""
        changes = plan(self.client, settings, read_card(settings), read_capabilities(self.client), recreate=True)
        apply(self.client, changes)

    def ingest(self, arguments: list[str], settings: Settings, label: str) -> Finished:
        """Run `souk ingest`; its last event is the summary. Raises SoukError when it could not run."""
        state = {"state_dir": self.folder / "state"}
        with self.track(label, None) as task:

            def show(event: dict[str, Any]) -> None:
                if share := event.get("share"):
                    self.progress.update(task, total=1.0, completed=share)

            command = [*SOUK, "ingest", *arguments, "--log", "json"]
            return run_logging(command, settings.model_copy(update=state), show, may_end_with=(0, SOME_REFUSED))

    def settle(self) -> None:
        """Wait, a minute at most, until the engine has merged what was written: merging takes its cores."""
        until = time.monotonic() + SETTLE_S
        with engine_errors():
            while time.monotonic() < until:
                merges = self.client.indices.stats(index=f"{SEARCHED}-*", metric="merge")["_all"]["total"]["merges"]
                if not merges["current"]:
                    return
                time.sleep(0.5)

    @contextmanager
    def track(self, label: str, total: float | None) -> Iterator[Any]:
        """A line of progress, gone at the end of the block."""
        task = self.progress.add_task(label, total=total)
        try:
            yield task
        finally:
            self.progress.remove_task(task)

    @contextmanager
    def ticking(self, label: str, total: int) -> Iterator[Callable[[], None]]:
        """A line of progress that goes on by one at each call."""
        with self.track(label, total) as task:
            yield lambda: self.progress.advance(task)

    def clean(self) -> None:
        """Delete the bench's indexes, templates and pipelines. Nothing else is touched."""
        with engine_errors():
            for prefix in (SEARCHED, WRITTEN, BARE):
                settings = self.settings.model_copy(update={"index_prefix": prefix})
                for family in index_names(settings.mappings_dir):
                    for name in self.client.indices.get(
                        index=f"{prefix}-{family}-*", params={"expand_wildcards": "all"}
                    ):
                        self.client.indices.delete(index=name)
                for resource in reversed(render(settings, read_card(settings))):
                    self.client.transport.perform_request("DELETE", resource.path, params={"ignore": 404})

"""The API as `souk serve` runs it, but each answer also tells what its round trips to the engine took.

    python -m bench.server   (the address is that of the settings)

The stages `recall` and `fetch` of an answer hold our own work around the round trips too; the stage `engine` that is
added here is the round trips alone, timed at the client.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from api.bootstrap import build_searcher
from api.browse.model import Categories, FacetChoices, Similar
from api.compare.model import CompareRequest, Comparison
from api.http.core import Place, SearchCore
from api.http.server import run
from api.model import Answer, SearchRequest, Stage
from api.query.fields import FieldCatalog
from api.search import Searcher
from api.suggest.model import SUGGESTION_KINDS, SuggestionKind, Suggestions
from stack.documents import DocumentKind, Kind
from stack.settings import Settings, load_settings

ENGINE_STAGE = "engine"
Span = tuple[float, float]
_round_trips: ContextVar[list[Span]] = ContextVar("round_trips")


class TimedCore:
    """A Searcher whose answers have the stage `engine`."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        transport = searcher.client.transport
        self._send = transport.perform_request
        transport.perform_request = self._timed  # type: ignore[method-assign]

    @property
    def fields(self) -> FieldCatalog:
        return self._searcher.fields

    async def _timed(self, *arguments: Any, **keywords: Any) -> Any:
        started = time.perf_counter()
        try:
            return await self._send(*arguments, **keywords)
        finally:
            if (taken := _round_trips.get(None)) is not None:
                taken.append((started, time.perf_counter()))

    async def search(self, request: SearchRequest) -> Answer:
        taken: list[Span] = []
        _round_trips.set(taken)
        answer = await self._searcher.search(request)
        engine = Stage(name=ENGINE_STAGE, took_ms=covered(taken) * 1000)
        return answer.model_copy(update={"stages": [*answer.stages, engine]})

    def plan(self, request: SearchRequest) -> object:
        return self._searcher.plan(request)

    async def explain_query(self, request: SearchRequest) -> dict[str, Any]:
        return await self._searcher.explain_query(request)

    async def compare(self, asked: CompareRequest) -> Comparison:
        return await self._searcher.compare(asked)

    def rankers(self, kind: Kind) -> list[str]:
        return self._searcher.rankers(kind)

    async def item(self, kind: DocumentKind, id: str) -> dict[str, Any]:
        return await self._searcher.item(kind, id)

    async def items(self, wanted: Sequence[Place]) -> dict[Place, dict[str, Any]]:
        return await self._searcher.items(wanted)

    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = SUGGESTION_KINDS) -> Suggestions:
        return await self._searcher.suggest(q, limit, kinds)

    async def similar(self, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar:
        return await self._searcher.similar(kind, id, size, kinds)

    async def categories(self, kinds: Sequence[Kind]) -> Categories:
        return await self._searcher.categories(kinds)

    async def facet_values(self, request: SearchRequest, field: str, contains: str, size: int) -> FacetChoices:
        return await self._searcher.facet_values(request, field, contains, size)

    async def ready(self) -> dict[str, Any]:
        return await self._searcher.ready()


def covered(spans: list[Span]) -> float:
    """Seconds in which at least one round trip was under way: those of the kinds' features run side by side."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[SearchCore]:
    async with build_searcher(settings) as searcher:
        yield TimedCore(searcher)


def main() -> None:
    """Serve until stopped."""
    settings = load_settings()
    run(settings, lambda url: print(url, flush=True), lambda: _open(settings))


if __name__ == "__main__":
    main()

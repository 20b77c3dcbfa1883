"""What the HTTP layer asks of the search core, and the place that holds it while the process runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Protocol, TypeVar

from api.browse.model import Categories, FacetChoices, Similar
from api.compare.model import CompareRequest, Comparison
from api.model import Answer, SearchRequest
from api.query.fields import FieldCatalog
from api.suggest.model import SUGGESTION_KINDS, SuggestionKind, Suggestions
from stack.documents import DocumentKind, Kind
from stack.errors import EngineUnavailableError

log = logging.getLogger("souk.http")

REOPEN_AFTER_S = 1.0
Place = tuple[DocumentKind, str]
COMPARISON = 4
"""How many times the deadline of a search a comparison may take."""


class SearchCore(Protocol):
    """`api.search.Searcher` as HTTP sees it. Every method raises only SoukError for what is not a bug."""

    @property
    def fields(self) -> FieldCatalog: ...
    def plan(self, request: SearchRequest) -> object: ...
    async def search(self, request: SearchRequest) -> Answer: ...
    async def explain_query(self, request: SearchRequest) -> dict[str, Any]: ...
    async def compare(self, asked: CompareRequest) -> Comparison: ...
    def rankers(self, kind: Kind) -> list[str]: ...
    async def item(self, kind: DocumentKind, id: str) -> dict[str, Any]: ...
    async def items(self, wanted: Sequence[Place]) -> dict[Place, dict[str, Any]]: ...
    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = ...) -> Suggestions: ...
    async def similar(self, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar: ...
    async def categories(self, kinds: Sequence[Kind]) -> Categories: ...
    async def facet_values(self, request: SearchRequest, field: str, contains: str, size: int) -> FacetChoices: ...
    async def ready(self) -> dict[str, Any]: ...


OpenSearcher = Callable[[], AbstractAsyncContextManager[SearchCore]]


class CoreHolder:
    """Opens the core at start, or, when the engine is away then, at the first request that finds it back.

    Opening is one task that all requests wait for, each no longer than `deadline_s`; a failure stands for
    `REOPEN_AFTER_S`, so that a crowd of requests does not become a crowd of connections.
    """

    def __init__(self, open_searcher: OpenSearcher, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._open = open_searcher
        self._stack = AsyncExitStack()
        self._opening: asyncio.Task[SearchCore] | None = None
        self._failed_at = 0.0

    async def start(self) -> None:
        """Open the core, however long it takes. An engine that is away is only logged; other errors are raised."""
        try:
            await self._task()
        except EngineUnavailableError as error:
            log.warning("started without the engine: %s", error)

    async def get(self) -> SearchCore:
        """The open core. Raises EngineUnavailableError while the engine is away."""
        task = self._task()
        return task.result() if task.done() else await within(self.deadline_s, asyncio.shield(task))

    async def close(self) -> None:
        if self._opening and not self._opening.done():
            self._opening.cancel()
        await self._stack.aclose()

    def _task(self) -> asyncio.Task[SearchCore]:
        if self._opening is None or self._may_retry(self._opening):
            self._opening = asyncio.create_task(self._enter())
        return self._opening

    def _may_retry(self, task: asyncio.Task[SearchCore]) -> bool:
        failed = task.done() and (task.cancelled() or task.exception() is not None)
        return failed and time.monotonic() - self._failed_at >= REOPEN_AFTER_S

    async def _enter(self) -> SearchCore:
        try:
            return await self._stack.enter_async_context(self._open())
        except BaseException:
            self._failed_at = time.monotonic()
            raise


T = TypeVar("T")


async def within(seconds: float, answer: Awaitable[T]) -> T:
    """The answer, or EngineUnavailableError when it takes longer. The core has its own, finer deadline; this is the
    last one, which holds whatever happens beneath."""
    try:
        return await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        raise EngineUnavailableError(
            f"no answer within {seconds:g} seconds", "Try again in a moment, or raise SOUK_DEADLINE_MS"
        ) from None


class BoundedCore:
    """A core whose every call ends within a time."""

    def __init__(self, core: SearchCore, seconds: float) -> None:
        self._core = core
        self._seconds = seconds
        self.fields = core.fields

    def plan(self, request: SearchRequest) -> object:
        return self._core.plan(request)

    async def search(self, request: SearchRequest) -> Answer:
        log.debug("search %r", request.q)
        return await within(self._seconds, self._core.search(request))

    async def explain_query(self, request: SearchRequest) -> dict[str, Any]:
        return await within(self._seconds, self._core.explain_query(request))

    async def compare(self, asked: CompareRequest) -> Comparison:
        # Two searches and two fetches, one after the other.
        return await within(COMPARISON * self._seconds, self._core.compare(asked))

    def rankers(self, kind: Kind) -> list[str]:
        return self._core.rankers(kind)

    async def item(self, kind: DocumentKind, id: str) -> dict[str, Any]:
        return await within(self._seconds, self._core.item(kind, id))

    async def items(self, wanted: Sequence[Place]) -> dict[Place, dict[str, Any]]:
        return await within(self._seconds, self._core.items(wanted))

    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = SUGGESTION_KINDS) -> Suggestions:
        return await within(self._seconds, self._core.suggest(q, limit, kinds))

    async def similar(self, kind: Kind, id: str, size: int, kinds: Sequence[Kind]) -> Similar:
        # The item, its neighbours and their documents: each within the deadline of a search.
        return await within(2 * self._seconds, self._core.similar(kind, id, size, kinds))

    async def categories(self, kinds: Sequence[Kind]) -> Categories:
        return await within(self._seconds, self._core.categories(kinds))

    async def facet_values(self, request: SearchRequest, field: str, contains: str, size: int) -> FacetChoices:
        return await within(self._seconds, self._core.facet_values(request, field, contains, size))

    async def ready(self) -> dict[str, Any]:
        return await within(self._seconds, self._core.ready())

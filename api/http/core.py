"""What the HTTP layer asks of the search core, and the place that holds it while the process runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Protocol

from api.model import Answer, SearchRequest
from stack.documents import Kind
from stack.errors import EngineUnavailableError

log = logging.getLogger("souk.http")

REOPEN_AFTER_S = 1.0


class FieldOption(Protocol):
    """A field by the name that requests use and the label that people read."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...


class FieldCatalog(Protocol):
    """The fields that exist for some document types."""

    def filters(self, types: Sequence[Kind]) -> Sequence[FieldOption]: ...
    def facets(self, types: Sequence[Kind]) -> Sequence[FieldOption]: ...
    def sorts(self, types: Sequence[Kind]) -> Sequence[FieldOption]: ...


class SearchCore(Protocol):
    """`api.search.Searcher` as HTTP sees it. Every method raises only SoukError for what is not a bug."""

    @property
    def fields(self) -> FieldCatalog: ...
    async def search(self, request: SearchRequest) -> Answer: ...
    async def explain_query(self, request: SearchRequest) -> dict[str, Any]: ...
    async def item(self, kind: Kind, id: str) -> dict[str, Any]: ...
    async def ready(self) -> dict[str, Any]: ...


OpenSearcher = Callable[[], AbstractAsyncContextManager[SearchCore]]


class CoreHolder:
    """Opens the core at start, or, when the engine is away then, at the first request that finds it back.

    A failed try is remembered for `REOPEN_AFTER_S`, so that requests do not queue up behind connect timeouts.
    """

    def __init__(self, open_searcher: OpenSearcher) -> None:
        self._open = open_searcher
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._core: SearchCore | None = None
        self._failure: tuple[float, EngineUnavailableError] | None = None

    async def start(self) -> None:
        """Open the core. An engine that is away is only logged; every other error is raised."""
        try:
            await self.get()
        except EngineUnavailableError as error:
            log.warning("started without the engine: %s", error)

    async def get(self) -> SearchCore:
        """The open core. Raises EngineUnavailableError while the engine is away."""
        if self._core is not None:
            return self._core
        async with self._lock:
            if self._core is None:
                self._core = await self._enter()
            return self._core

    async def _enter(self) -> SearchCore:
        if self._failure and time.monotonic() - self._failure[0] < REOPEN_AFTER_S:
            raise self._failure[1].with_traceback(None)
        try:
            return await self._stack.enter_async_context(self._open())
        except EngineUnavailableError as error:
            self._failure = (time.monotonic(), error)
            raise

    async def close(self) -> None:
        await self._stack.aclose()

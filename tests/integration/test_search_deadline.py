"""An engine that is slow, gone or odd, and an encoder that is slow: an answer or a fair error, within the deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from api.bootstrap import build_searcher
from api.model import SearchRequest
from api.search import Searcher
from stack.client import connect_async
from stack.embedding import Encoder
from stack.embedding.session import Vectors
from stack.errors import EngineUnavailableError
from stack.node.launch import free_port
from stack.settings import Settings

pytest_plugins = ["small_shop"]
pytestmark = pytest.mark.engine
DEADLINE_S = 0.4
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def hurried(searcher: Searcher) -> Searcher:
    return replace(searcher, deadline_s=DEADLINE_S)


@asynccontextmanager
async def engine_that(handler: Handler, searcher: Searcher, settings: Settings) -> AsyncIterator[Searcher]:
    """The searcher, on an engine that does with each connection what `handler` does."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with on_port(port, searcher, settings) as moved:
            yield moved
    finally:
        server.close()


@asynccontextmanager
async def on_port(port: int, searcher: Searcher, settings: Settings) -> AsyncIterator[Searcher]:
    client = connect_async(settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{port}"}))
    try:
        yield replace(searcher, client=client)
    finally:
        await client.close()


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, read, and say nothing."""
    while await reader.read(65_536):
        pass
    writer.close()


async def hang_up_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close without an answer when most of the time is gone: the client then tries once more."""
    await asyncio.sleep(DEADLINE_S * 0.8)
    writer.close()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.05)


async def refuse_at(deadline_s: float, work: Awaitable[Any]) -> EngineUnavailableError:
    """The error of `work`, which must be there within the deadline and half a second."""
    started = time.monotonic()
    with pytest.raises(EngineUnavailableError) as caught:
        await work
    assert time.monotonic() - started < deadline_s + 0.5
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("handler", [never, hang_up_late, drip])
async def test_an_engine_that_does_not_answer(hurried: Searcher, settings: Settings, handler: Handler) -> None:
    async with engine_that(handler, hurried, settings) as slow:
        await refuse_at(DEADLINE_S, slow.search(SearchRequest(q="laptop")))
        await refuse_at(DEADLINE_S, slow.search(SearchRequest()))
        await refuse_at(DEADLINE_S, slow.item("product", "dv7"))


async def test_readiness_does_not_wait_for_such_an_engine(hurried: Searcher, settings: Settings) -> None:
    async with engine_that(never, hurried, settings) as slow:
        stuck = replace(slow, check_indexes=lambda: slow.client.indices.get_mapping(index="any"))
        await refuse_at(DEADLINE_S, stuck.ready())


async def test_an_engine_that_is_gone(hurried: Searcher, settings: Settings) -> None:
    async with on_port(free_port(), hurried, settings) as gone:
        error = await refuse_at(DEADLINE_S, gone.search(SearchRequest(q="laptop")))
        assert "cannot be reached" in error.message
        assert error.retry_after_s >= 1
        await refuse_at(DEADLINE_S, gone.item("product", "dv7"))
        await refuse_at(DEADLINE_S, replace(gone, check_indexes=gone.client.info).ready())


async def test_no_searcher_is_made_where_there_is_no_engine(settings: Settings, encoder: Encoder) -> None:
    gone = settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        async with build_searcher(gone, encoder):
            pass


async def test_an_engine_that_is_busy(hurried: Searcher, settings: Settings) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 429 Too Many\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with engine_that(busy, hurried, settings) as slow:
        error = await refuse_at(DEADLINE_S, slow.search(SearchRequest(q="laptop")))
    assert "busy" in error.message


class SlowEncoder:
    """An encoder that knows no query and takes longer than there is time."""

    def cached_query(self, text: str) -> Vectors | None:
        return None

    def encode_query(self, text: str) -> Vectors:
        time.sleep(DEADLINE_S * 1.5)
        raise AssertionError("nobody waits for this vector")


async def test_a_slow_vector_is_left_out_and_said_so(hurried: Searcher) -> None:
    slow = replace(hurried, encoder=SlowEncoder())  # type: ignore[arg-type]
    answer = await slow.search(SearchRequest(q="hp laptop", types=["product"]))
    assert answer.degraded == ["vector"]
    assert {hit.id for hit in answer.hits} >= {"dv7", "dv6"}
    assert {route for hit in answer.hits for route in hit.routes} == {"lexical"}


async def test_a_slow_vector_that_nothing_can_replace_is_an_error(hurried: Searcher) -> None:
    slow = replace(hurried, encoder=SlowEncoder())  # type: ignore[arg-type]
    await refuse_at(DEADLINE_S, slow.search(SearchRequest(q="hp laptop", routes=["vector"])))

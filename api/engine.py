"""The two calls that a search makes on the engine: one `_msearch`, and one document by id. Bounded by the deadline."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import HTTP_EXCEPTIONS, TransportError

from stack.client import engine_errors, engine_reason, translate
from stack.errors import EngineUnavailableError, NotFoundError, SoukError

# Only what is read: the engine's answers to recall are mostly field names otherwise.
RECALL_PATHS = (
    "responses.error,responses.status,responses.took,responses.timed_out,responses._shards.failed,"
    "responses.aggregations,responses.hits.total,responses.hits.hits._score,responses.hits.hits.sort,responses.hits.hits.fields"
)

INDEX_BACK_S = 30
"""What a client may wait for an index that somebody has to make anew."""


class Deadline:
    """The time by which an answer must be there."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises EngineUnavailableError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self._late()
        return left

    @asynccontextmanager
    async def enforced(self) -> AsyncIterator[None]:
        """End what runs inside when the time is up: the client's own timeout starts anew when it tries a second time.

        Raises EngineUnavailableError; the client's exceptions leave as ours.
        """
        try:
            with engine_errors():
                async with asyncio.timeout(self.left()):
                    yield
        except TimeoutError:
            raise self._late() from None

    def _late(self) -> EngineUnavailableError:
        return EngineUnavailableError(
            f"no answer within {self.seconds:g} seconds", "Try again in a moment, or raise SOUK_DEADLINE_MS"
        )


async def multi_search(
    client: AsyncOpenSearch,
    searches: Sequence[tuple[str, dict[str, Any]]],
    deadline: Deadline,
    *,
    preference: str,
    filter_path: str | None = None,
    may_fail: str | None = None,
) -> list[dict[str, Any]]:
    """Run `(index, body)` searches in one round trip; the answers in their order.

    `preference` pins a query to its shard copies: equal scores then tie the same way on every page. `may_fail` is an
    index that need not be there: its searches then find nothing.
    Raises EngineUnavailableError when the engine is away, busy or late, or an index is gone; EngineError when it
    refuses a search.
    """
    if not searches:
        return []
    left = deadline.left()
    lines: list[bytes] = []
    for index, body in searches:
        header: dict[str, Any] = {"index": index, "preference": preference}
        lines.append(orjson.dumps(header | ({"ignore_unavailable": True} if index == may_fail else {})))
        lines.append(orjson.dumps(body | {"timeout": f"{int(left * 1000)}ms"}))
    params: dict[str, Any] = {"request_timeout": left} | ({"filter_path": filter_path} if filter_path else {})
    async with deadline.enforced():
        answer = await client.transport.perform_request(
            "POST",
            "/_msearch",
            params=params,
            body=b"\n".join(lines).decode() + "\n",
            headers={"content-type": "application/x-ndjson"},
        )
    for (index, _), response in zip(searches, answer["responses"], strict=True):
        if "error" in response:
            if index != may_fail:
                raise _error_of(response)
            response.clear()
    return cast(list[dict[str, Any]], answer["responses"])


async def scored_search(
    client: AsyncOpenSearch,
    index: str,
    body: dict[str, Any],
    deadline: Deadline,
    *,
    preference: str,
    filter_path: str,
) -> dict[str, Any]:
    """Run one search whose hits name the queries that they match with their scores: `_msearch` cannot be asked so.

    Raises as `multi_search` does.
    """
    left = deadline.left()
    params: dict[str, Any] = {
        "request_timeout": left,
        "preference": preference,
        "filter_path": filter_path,
        "include_named_queries_score": "true",
    }
    content = orjson.dumps(body | {"timeout": f"{int(left * 1000)}ms"}).decode()
    try:
        async with deadline.enforced():
            answer = await client.transport.perform_request(
                "POST", f"/{index}/_search", params=params, body=content, headers={"content-type": "application/json"}
            )
    except NotFoundError as error:
        raise _gone(error) from error
    return cast(dict[str, Any], answer)


def _error_of(response: dict[str, Any]) -> SoukError:
    status = int(response.get("status", 500))
    kind = response["error"].get("type", "error") if isinstance(response["error"], dict) else "error"
    error = translate(HTTP_EXCEPTIONS.get(status, TransportError)(status, kind, response))
    return _gone(error) if isinstance(error, NotFoundError) else error


def _gone(error: NotFoundError) -> EngineUnavailableError:
    """The index went away while we serve: an outage, not an address with nothing."""
    return EngineUnavailableError(error.message, "Run souk apply to make the indexes", INDEX_BACK_S)


async def get_documents(
    client: AsyncOpenSearch, wanted: Sequence[tuple[str, str]], hidden: list[str], deadline: Deadline
) -> list[dict[str, Any] | None]:
    """The documents of `(index, id)` pairs in one round trip, in their order; None for one that is not there.

    An index that is not there has none. Raises EngineUnavailableError when a shard cannot say.
    """
    if not wanted:
        return []
    docs = [{"_index": index, "_id": id_} for index, id_ in wanted]
    params = {"_source_excludes": ",".join(hidden), "request_timeout": deadline.left()}
    async with deadline.enforced():
        answer = await client.mget(body={"docs": docs}, params=params)
    return [_given(one) for one in answer["docs"]]


def _given(one: dict[str, Any]) -> dict[str, Any] | None:
    kind, reason = engine_reason(one)  # told under status 200, a document each
    if kind not in ("", "index_not_found_exception"):
        raise EngineUnavailableError(f"{one['_index']} cannot give a document: {reason}", "Try again in a moment")
    return one.get("_source")


def preference_of(text: str) -> str:
    """The same for the same words, and never one of the engine's own words (those start with `_`)."""
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

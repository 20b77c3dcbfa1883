"""What a refused search becomes, and what of an answer is asked for."""

from __future__ import annotations

from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
from opensearchpy import AsyncOpenSearch

from api.engine import RECALL_PATHS, Deadline, get_documents, multi_search
from stack.errors import EngineError, EngineUnavailableError, SoukError


class Answering:
    """A client whose engine gives one answer."""

    def __init__(self, response: dict[str, Any]) -> None:
        self.transport = self
        self._response = response

    async def perform_request(self, *_: object, **__: object) -> dict[str, Any]:
        return {"responses": [self._response]}


@pytest.mark.parametrize(
    ("status", "kind", "expected", "remedy"),
    [
        (400, "query_shard_exception", EngineError, ""),
        (404, "index_not_found_exception", EngineUnavailableError, "Run souk apply"),
        (429, "rejected_execution_exception", EngineUnavailableError, "Try again"),
        (500, "script_exception", EngineError, ""),
        (503, "search_phase_execution_exception", EngineUnavailableError, "Try again"),
    ],
)
async def test_a_refused_search(status: int, kind: str, expected: type[SoukError], remedy: str) -> None:
    error = {"type": kind, "reason": "because", "root_cause": [{"type": kind, "reason": "because"}]}
    client = cast(AsyncOpenSearch, Answering({"status": status, "error": error}))
    with pytest.raises(EngineError, match="because") as raised:
        await multi_search(client, [("souk-products", {})], Deadline(1), preference="p")
    assert type(raised.value) is expected
    assert remedy in raised.value.remedy


def test_failed_shards_are_asked_for() -> None:
    assert "responses._shards.failed" in RECALL_PATHS.split(",")


@pytest.mark.parametrize(
    ("one", "document"),
    [
        ({"_index": "souk-products", "_id": "a", "found": True, "_source": {"id": "a"}}, {"id": "a"}),
        ({"_index": "souk-products", "_id": "a", "found": False}, None),
        (
            {"_index": "souk-signals", "_id": "a", "error": {"type": "index_not_found_exception", "reason": "none"}},
            None,
        ),
    ],
)
async def test_a_document_that_is_not_there_is_none(one: dict[str, Any], document: dict[str, Any] | None) -> None:
    client = AsyncMock()
    client.mget.return_value = {"docs": [one]}
    assert await get_documents(client, [("souk-products", "a")], [], Deadline(5)) == [document]


async def test_a_shard_that_cannot_say_is_an_outage() -> None:
    client = AsyncMock()
    client.mget.return_value = {
        "docs": [{"_index": "i", "_id": "a", "error": {"type": "no_shard_available", "reason": "x"}}]
    }
    with pytest.raises(EngineUnavailableError, match="cannot give"):
        await get_documents(client, [("i", "a")], [], Deadline(5))

"""An `_mget` tells errors under status 200: they are not taken for documents that are not there."""

from __future__ import annotations

from threading import Event
from typing import Any, cast

import pytest
from opensearchpy import OpenSearch

from ingest.patience import Patience
from stack.client import documents_of
from stack.errors import EngineUnavailableError, NotFoundError

FOUND = {"_index": "p-000001", "_id": "a", "_version": 3, "found": True, "_source": {}}
ABSENT = {"_index": "p-000001", "_id": "b", "found": False}


def failed(kind: str) -> dict[str, Any]:
    """As the engine says it."""
    cause = {"type": kind, "reason": f"{kind} it was"}
    return {"_index": "p", "_id": "c", "error": {"root_cause": [cause], **cause}}


LOST = failed("no_shard_available_action_exception")


def test_what_is_there_and_what_is_not() -> None:
    assert documents_of({"docs": [FOUND, ABSENT]}) == [FOUND, ABSENT]
    with pytest.raises(EngineUnavailableError, match="p cannot give a document: no_shard"):
        documents_of({"docs": [FOUND, LOST]})
    with pytest.raises(NotFoundError, match="no index p"):
        documents_of({"docs": [failed("index_not_found_exception")]})


class Recovering:
    """An engine whose shard is away for a moment."""

    def __init__(self, *answers: list[dict[str, Any]]) -> None:
        self.answers = list(answers)

    def mget(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"docs": self.answers.pop(0)}


def test_a_shard_that_is_away_is_waited_for() -> None:
    engine = Recovering([LOST], [LOST], [FOUND])
    assert Patience(30, Event()).documents(cast(OpenSearch, engine), [{"_id": "a"}]) == [FOUND]
    assert engine.answers == []
    with pytest.raises(EngineUnavailableError, match=r"no_shard.* gave up after 0 s"):
        Patience(0, Event()).documents(cast(OpenSearch, Recovering([LOST])), [{"_id": "a"}])

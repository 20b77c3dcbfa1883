"""Tombstones: which ids were deleted, and when. They lie in the signals, so an older record never brings one back.

The engine itself forgets the version of a deleted document after `index.gc_deletes`, a minute by default; until then
its own check of versions settles races between writers, after that these do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

from ingest.patience import Patience
from stack.client import translate
from stack.documents import DocumentKind
from stack.signals import DELETED_AT, signal_id

Request = Callable[[OpenSearch], dict[str, Any]]


class Tombstones:
    """Of one kind. `any` is looked up once a run: where nothing was ever deleted, nothing is asked for a record."""

    def __init__(self, client: OpenSearch, signals: str | None, kind: DocumentKind, patience: Patience) -> None:
        self._client = client
        self._signals = signals
        self._kind = kind
        self._patience = patience
        self._any: bool | None = None

    def expect_some(self) -> None:
        """This run makes some itself."""
        self._any = True

    def of(self, ids: Iterable[str]) -> dict[str, int]:
        """The versions (milliseconds) at which these ids were deleted, of those that ever were."""
        wanted = {signal_id(self._kind, id_): id_ for id_ in ids}
        if not wanted or self._signals is None or not self._is_there_any():
            return {}
        answer = self._ask(
            lambda client: client.mget(
                body={"ids": list(wanted)}, index=self._signals, params={"_source_includes": DELETED_AT}
            )
        )
        found = ((wanted[one["_id"]], one["_source"].get(DELETED_AT)) for one in answer["docs"] if one.get("found"))
        return {id_: int(deleted) for id_, deleted in found if deleted is not None}

    def _is_there_any(self) -> bool:
        if self._any is None:
            mine = {"bool": {"filter": [{"term": {"kind": self._kind}}, {"exists": {"field": DELETED_AT}}]}}
            body = {"size": 0, "query": mine, "track_total_hits": 1}
            answer = self._ask(lambda client: client.search(index=self._signals, body=body))
            self._any = answer["hits"]["total"]["value"] > 0
        return self._any

    def _ask(self, request: Request) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        try:
            for attempt in self._patience.attempts():
                with attempt:
                    answer = request(self._client)
        except TransportError as error:
            raise translate(error) from error
        return answer

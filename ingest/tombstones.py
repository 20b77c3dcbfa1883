"""Tombstones: which ids were deleted, and when. They lie in the signals, so an older record never brings one back.

The engine itself forgets the version of a deleted document after `index.gc_deletes`, a minute by default; until then
its own check of versions settles races between writers, after that these do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from opensearchpy import OpenSearch

from ingest.patience import Patience
from stack.documents import DocumentKind
from stack.signals import DELETED_AT, signal_id

# Others may delete for the first time while we run: well within the minute for which the engine itself remembers.
ASKED_AGAIN_S = 20.0


class Tombstones:
    """Of one kind. Where nothing was ever deleted, which is looked up now and then, nothing is asked for a record."""

    def __init__(
        self,
        client: OpenSearch,
        signals: str | None,
        kind: DocumentKind,
        patience: Patience,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._signals = signals
        self._kind = kind
        self._patience = patience
        self._any = False
        self._monotonic = monotonic
        self._looked_at: float | None = None

    def expect_some(self) -> None:
        """This run makes some itself."""
        self._any = True

    def of(self, ids: Iterable[str]) -> dict[str, int]:
        """The versions (milliseconds) at which these ids were deleted, of those that ever were."""
        wanted = {signal_id(self._kind, id_): id_ for id_ in ids}
        if not wanted or self._signals is None or not self._is_there_any():
            return {}
        asked = [{"_index": self._signals, "_id": id_, "_source": [DELETED_AT]} for id_ in wanted]
        answer = self._patience.documents(self._client, asked)
        found = ((wanted[one["_id"]], one["_source"].get(DELETED_AT)) for one in answer if one.get("found"))
        return {id_: int(deleted) for id_, deleted in found if deleted is not None}

    def _is_there_any(self) -> bool:
        now = self._monotonic()
        if not self._any and (self._looked_at is None or now - self._looked_at >= ASKED_AGAIN_S):
            mine = {"bool": {"filter": [{"term": {"kind": self._kind}}, {"exists": {"field": DELETED_AT}}]}}
            body = {"size": 0, "query": mine, "track_total_hits": 1}
            whole = {"allow_partial_search_results": "false"}
            answer = self._patience.ask(lambda: self._client.search(index=self._signals, body=body, params=dict(whole)))
            self._any, self._looked_at = answer["hits"]["total"]["value"] > 0, now
        return self._any

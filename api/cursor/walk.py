"""One step of a walk: the next hits of every kind at its point in time, merged by the sort.

Each kind is searched by itself, because kinds sort by fields of their own, and goes on behind the last hit of it that
was given: so each document comes once, in the order in which pages by number have it too. By relevance the order is
that of the words alone (BM25, kinds side by side): meaning and models rank the first thousand only.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import orjson
from opensearchpy import AsyncOpenSearch

from api.blend import merge_sorted
from api.cursor.points import Points
from api.cursor.token import AGAIN, Walk, seal, unseal
from api.engine import Deadline
from api.fuse import Candidate
from api.query.plan import FIRST_CURSOR, Plan
from api.query.recall import Part, Recall
from api.rooms import NO_ROOMS
from stack.documents import Kind
from stack.errors import EngineUnavailableError, ExpiredError, InputError, Mistake

GONE = ("search_context_missing_exception", "index_not_found_exception")


@dataclass(frozen=True)
class Step:
    """The next hits, the place of the first of them (from 0), the cursor of the next step (None: this was the last),
    and the searches that were sent.
    """

    row: list[Candidate]
    first: int
    next: str | None
    parts: list[Part]


@dataclass(frozen=True)
class Walker:
    """Walks. Stateless but for the points in time that are shared: any process goes on where another stopped."""

    client: AsyncOpenSearch
    recall: Recall
    points: Points
    key: bytes

    def read(self, cursor: str) -> Walk | None:
        """The walk that a cursor stands for; None for the one that begins. Raises InputError, ExpiredError."""
        return None if cursor == FIRST_CURSOR else unseal(cursor, self.key)

    async def step(self, plan: Plan, walk: Walk | None, deadline: Deadline) -> Step:
        """The next `plan.request.size` hits.

        Raises InputError when the cursor belongs to another search; ExpiredError when its point in time is gone;
        EngineUnavailableError when the engine is away, late, or has a shard that does not answer: the same cursor may
        be asked again then.
        """
        parts = self.recall.walk_parts(plan)
        # The same search, whatever rooms came on or went off since its first step.
        search = fingerprint(self.recall.walk_parts(replace(plan, rooms=NO_ROOMS)))
        if walk is None:
            walk = await self._begin(plan, search, deadline)
        elif walk.search != search:
            raise InputError([Mistake("cursor", OTHER_SEARCH)], AGAIN)
        found = await self._search(parts, walk, deadline)
        size = plan.request.size
        merged = merge_sorted(found, plan.sort.order == "desc")
        row = merged[:size]
        done = len(merged) <= size and all(len(each) < size for each in found.values())
        later = None if done else seal(_behind(walk, row), self.key)
        return Step(row, walk.given, later, parts)

    async def _begin(self, plan: Plan, search: str, deadline: Deadline) -> Walk:
        points = await asyncio.gather(*(self.points.open(self.recall.indexes[kind], deadline) for kind in plan.kinds))
        return Walk(
            now=plan.now,
            points=dict(zip(plan.kinds, points, strict=True)),
            after=dict.fromkeys(plan.kinds),
            given=0,
            search=search,
        )

    async def _search(self, parts: Sequence[Part], walk: Walk, deadline: Deadline) -> dict[Kind, list[Candidate]]:
        if not parts:
            return {}
        lines: list[bytes] = []
        for part in parts:
            point = {"id": walk.points[part.kind], "keep_alive": self.points.keep_alive}
            after = walk.after[part.kind]
            body = part.body | {"pit": point, "timeout": f"{int(deadline.left() * 1000)}ms"}
            lines += [b"{}", orjson.dumps(body if after is None else body | {"search_after": after})]
        async with deadline.enforced():
            answer = await self.client.transport.perform_request(
                "POST",
                "/_msearch",
                params={"request_timeout": deadline.left()},
                body=b"\n".join(lines).decode() + "\n",
                headers={"content-type": "application/x-ndjson"},
            )
        for response in answer["responses"]:
            self._check(response)
        return {part.kind: _candidates(part.kind, each) for part, each in zip(parts, answer["responses"], strict=True)}

    def _check(self, response: dict[str, Any]) -> None:
        """A step with a hole in it would never be noticed: better none."""
        shards = response.get("_shards", {})
        text = orjson.dumps([response.get("error"), shards.get("failures")]).decode()
        if any(reason in text for reason in GONE) or shards.get("total") == 0:
            self.points.forget()
            raise ExpiredError("the point in time of this cursor is gone", AGAIN)
        if response.get("error") and int(response.get("status", 500)) == 400:  # the seal is good, the engine another
            raise ExpiredError("the engine cannot go on from this cursor", AGAIN)
        if response.get("error") or shards.get("failed") or response.get("timed_out"):
            raise EngineUnavailableError("a part of the index did not answer", "Ask again with the same cursor")


OTHER_SEARCH = (
    "belongs to another search: words, filters, sort or types are not those that it began with, or what the words mean "
    "was published anew since"
)


def fingerprint(parts: Sequence[Part]) -> str:
    """The same for the same search: what is asked and in which order, whatever the size of a page."""
    asked = [(part.kind, part.body["query"], part.body["sort"]) for part in parts]
    return hashlib.blake2b(orjson.dumps(asked), digest_size=12).hexdigest()


def _candidates(kind: Kind, response: dict[str, Any]) -> list[Candidate]:
    return [
        Candidate(kind, str(hit["fields"]["id"][0]), float(hit.get("_score") or 0.0), {}, tuple(hit["sort"]))
        for hit in response["hits"]["hits"]
        if "id" in hit.get("fields", {})
    ]


def _behind(walk: Walk, row: Sequence[Candidate]) -> Walk:
    """Each kind goes on behind the last of it in the row."""
    last = {item.kind: list(item.sort) for item in row}
    after = cast(dict[Kind, Any], dict(walk.after) | last)
    return walk.model_copy(update={"after": after, "given": walk.given + len(row)})

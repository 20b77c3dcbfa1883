"""What rolls over and what goes, by the declared policy of `mappings/lifecycle.yml`. No plugin of the engine is needed.

`plan` looks and changes nothing; `carry_out` does what was planned, and leaves alone what changed meanwhile: a rollover
is asked for with its conditions, a document is deleted only in the version that was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.client import documents_of, engine_errors, scan_pages
from stack.errors import ConfigError, EngineError
from stack.settings import Settings
from stack.signals import DELETED_AT, SIGNAL, millis, overlaid, signal_id, update_lines

FILE = "lifecycle.yml"
Days = Annotated[int, Field(ge=1)]
AT_ONCE = 500
# Documents of one step, whose lines are in memory, 1 kB each; what is beyond is due the next time.
AT_MOST = 50_000
GB = 1 << 30
REPEAT = "Run it again later; the rest is done"


class LogPolicy(BaseModel):
    """When an index of a log is full, and how long it is kept after that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roll_days: Days
    roll_gigabytes: Annotated[float, Field(gt=0)]
    roll_documents: Annotated[int, Field(ge=1)]
    keep_days: Days

    @property
    def conditions(self) -> dict[str, Any]:
        """As the engine's `_rollover` takes them: any of them is enough."""
        size = f"{int(self.roll_gigabytes * 1024)}mb"
        return {"max_age": f"{self.roll_days}d", "max_size": size, "max_docs": self.roll_documents}


class Policy(BaseModel):
    """The file, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ended_lives_days: Days
    tombstones_days: Days
    logs: dict[str, LogPolicy]


@dataclass(frozen=True)
class Step:
    """One thing to do to an index or to some documents behind an alias.

    `lines` delete the documents, one each; `stones`, in the same order, remember that in the signals, and come first.
    """

    action: Literal["roll", "delete index", "delete documents"]
    target: str
    why: str
    documents: int
    size_bytes: int = 0
    lines: tuple[bytes, ...] = field(default=(), repr=False)
    stones: tuple[bytes, ...] = field(default=(), repr=False)
    conditions: dict[str, Any] = field(default_factory=dict)


def load_policy(folder: Path) -> Policy:
    """Read the file. Raises ConfigError that names every mistake in it."""
    try:
        return Policy.model_validate(yaml.safe_load((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/{FILE}: {error}", "Correct it, or point SOUK_MAPPINGS_DIR elsewhere") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"mappings/{FILE}: {faults}", "Correct the file") from error


def plan(client: OpenSearch, settings: Settings, policy: Policy, now: datetime) -> list[Step]:
    """What there is to do now. An alias that is not there is passed over."""
    with engine_errors():
        steps = [
            step
            for name, log in policy.logs.items()
            for step in _log_steps(client, f"{settings.index_prefix}-{name}", log, now)
        ]
        lives = list(islice(_ended_lives(client, settings, now - timedelta(days=policy.ended_lives_days)), AT_MOST))
        stones = list(islice(_old_tombstones(client, settings, now - timedelta(days=policy.tombstones_days)), AT_MOST))
    if lives:
        why = f"ended more than {policy.ended_lives_days} days ago{_more(lives)}"
        lines, noted = zip(*lives, strict=True)
        where = settings.alias("live")
        steps.append(Step("delete documents", where, why, len(lives), lines=lines, stones=tuple(filter(None, noted))))
    if stones:
        why = f"remember deletions of more than {policy.tombstones_days} days ago{_more(stones)}"
        steps.append(Step("delete documents", settings.alias(SIGNAL), why, len(stones), lines=tuple(stones)))
    return steps


def _more(found: Sized) -> str:
    return ", and more the next time" if len(found) >= AT_MOST else ""


def carry_out(client: OpenSearch, step: Step) -> str:
    """Do it; what was done, in words. Raises EngineError when the engine refuses."""
    with engine_errors():
        if step.action == "roll":
            answer = client.indices.rollover(alias=step.target, body={"conditions": step.conditions})
            return f"{answer['new_index']} is written to now" if answer["rolled_over"] else "it was rolled over already"
        if step.action == "delete index":
            client.indices.delete(index=step.target, params={"ignore_unavailable": "true"})
            return "it is deleted"
        deleted, changed = _delete(client, step)
        return f"{deleted:,} documents are deleted" + (f", {changed:,} changed meanwhile and stay" if changed else "")


def _log_steps(client: OpenSearch, alias: str, log: LogPolicy, now: datetime) -> Iterator[Step]:
    try:
        names = sorted(client.indices.get_alias(name=alias))
    except EngineNotFound:
        return
    created = {name: _created(client, name) for name in names}
    # An index was written to until the next one was made.
    for name, following in pairwise(names):
        if (age := now - created[following]) > timedelta(days=log.keep_days):
            why = f"last written to {age.days} days ago, kept for {log.keep_days}"
            yield Step("delete index", name, why, *_size(client, name))
    documents, size = _size(client, names[-1])
    reasons = _full(log, now - created[names[-1]], documents, size)
    if documents and reasons:
        why = f"{names[-1]} {' and '.join(reasons)}"
        yield Step("roll", alias, why, documents, size, conditions=log.conditions)


def _full(log: LogPolicy, age: timedelta, documents: int, size: int) -> list[str]:
    """Why an index is full. An empty one never is: what for would there be another?"""
    return [
        *([f"is {age.days} days old"] if age >= timedelta(days=log.roll_days) else []),
        *([f"holds {documents:,} documents"] if documents >= log.roll_documents else []),
        *([f"is {size / GB:.1f} GB large"] if size >= log.roll_gigabytes * GB else []),
    ]


def _created(client: OpenSearch, name: str) -> datetime:
    index = client.indices.get_settings(index=name)[name]["settings"]["index"]
    return datetime.fromtimestamp(int(index["creation_date"]) / 1000, UTC)


def _size(client: OpenSearch, name: str) -> tuple[int, int]:
    """Documents, and bytes of the primaries, as the engine's own conditions count them."""
    primaries = client.indices.stats(index=name, metric="docs,store")["_all"]["primaries"]
    return primaries["docs"]["count"], primaries["store"]["size_in_bytes"]


def _ended_lives(client: OpenSearch, settings: Settings, before: datetime) -> Iterator[tuple[bytes, bytes]]:
    """What deletes each room that ended before, as its signal has it, and its tombstone (empty without signals)."""
    query = {
        "bool": {
            "filter": [{"terms": {"status": ["ended", "live"]}}, {"range": {"updated_at": {"lt": before.isoformat()}}}]
        }
    }
    signals = settings.alias(SIGNAL)
    kept = client.indices.exists_alias(name=signals)
    for hits in _pages(client, settings.alias("live"), query):
        known = _signals(client, signals, [hit["_id"] for hit in hits]) if kept else {}
        for hit in hits:
            room = overlaid("live", hit["_source"], known.get(hit["_id"]))
            if room.get("status") != "ended" or ended_at(room) >= before:
                continue
            version = hit["_version"]
            delete = {"delete": {"_id": hit["_id"], "version": version, "version_type": "external_gte"}}
            stone = update_lines(signals, "live", hit["_id"], {DELETED_AT: version}, version) if kept else b""
            yield orjson.dumps(delete) + b"\n", stone


def ended_at(room: dict[str, Any]) -> datetime:
    """When a room ended: as it says, else when it was last heard of."""
    said = room.get("ended_at") or max(room.get("heartbeat_at") or "", room["updated_at"])
    return datetime.fromisoformat(said)


def _signals(client: OpenSearch, alias: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The signals of rooms by id."""
    found = documents_of(client.mget(index=alias, body={"ids": [signal_id("live", id_) for id_ in ids]}))
    return {doc["_source"]["id"]: doc["_source"] for doc in found if doc.get("found")}


def _old_tombstones(client: OpenSearch, settings: Settings, before: datetime) -> Iterator[bytes]:
    """The lines that delete signals of documents that are gone for good: nothing was heard of them since."""
    query = {"range": {DELETED_AT: {"lt": millis(before), "format": "epoch_millis"}}}
    for hits in _pages(client, settings.alias(SIGNAL), query):
        for hit in hits:
            source = hit["_source"]
            if max((source.get("times") or {}).values(), default=0) > source[DELETED_AT]:
                continue
            place = {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
            yield orjson.dumps({"delete": {"_id": hit["_id"], **place}}) + b"\n"


def _pages(client: OpenSearch, alias: str, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The hits of a query, some at once, as they are now. None where there is no such alias."""
    body = {"query": query, "version": True, "seq_no_primary_term": True}
    if not client.indices.exists_alias(name=alias):
        return
    yield from scan_pages(client, alias, body, AT_ONCE)


def _delete(client: OpenSearch, step: Step) -> tuple[int, int]:
    """How many went, and how many were changed meanwhile."""
    deleted = changed = 0
    for start in range(0, len(step.lines), AT_ONCE):
        if stones := step.stones[start : start + AT_ONCE]:
            # First, and all of them: a room that went without one would come back with the next run of its source.
            answer = client.bulk(body=b"".join(stones), params={"require_alias": "true"})
            if answer["errors"]:
                reason = next(item["update"]["error"] for item in answer["items"] if "error" in item["update"])
                raise EngineError(f"a deletion could not be noted: {reason.get('reason')}", REPEAT)
        body = b"".join(step.lines[start : start + AT_ONCE])
        answer = client.bulk(body=body, index=step.target, params={"require_alias": "true"})
        for item in answer["items"]:
            outcome = item["delete"]
            if outcome["status"] == 409:
                changed += 1
            elif outcome["status"] in (200, 404):
                deleted += outcome["status"] == 200
            else:
                reason = outcome["error"].get("reason")
                raise EngineError(f"{step.target} refuses deletes: {reason}", REPEAT)
    return deleted, changed

"""A snapshot brought back: its indexes are restored under free names, then our aliases point to them, all at once.

Until that moment nothing that is there is touched, so a restore that fails leaves the cluster as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from opensearchpy.exceptions import TransportError

from stack.client import engine_errors
from stack.errors import ConfigError, EngineError
from stack.indexes import REINDEX_NOTE, next_index
from stack.settings import Settings
from stack.snapshots import POLL_S, Progress, Snapshot, find, readable, repository

# A restore answers when it is done; of a large index that is hours.
HOURS_S = 24 * 3600
# Each has its own changes of the cluster to wait for; the engine copies their files no faster than it is allowed to.
AT_ONCE = 4


@dataclass(frozen=True)
class Part:
    """One index of the snapshot, the free name that it gets here, and the alias that it is for."""

    saved: str
    name: str
    alias: str


@dataclass(frozen=True)
class Restored:
    """What is in use now, and what was before and is gone."""

    indexes: tuple[str, ...]
    replaced: tuple[str, ...]
    documents: int


def restore(
    client: OpenSearch, settings: Settings, name: str, prefix: str | None, replace: bool, progress: Progress
) -> Restored:
    """Restore into this cluster, under `prefix` where it is another than the snapshot's.

    Raises NotFoundError for no such snapshot; ConfigError for one that cannot be used, and when there are indexes and
    `replace` does not say that they go; EngineError when the files are damaged.
    """
    snapshot = find(client, settings, name)
    with engine_errors():
        require_usable(snapshot, client.info()["version"]["number"])
        prefix = prefix or snapshot.prefix
        there = indexes_there(client, snapshot, prefix)
        if there and not replace:
            raise ConfigError(
                f"{', '.join(there)} would be covered by the snapshot {name}",
                "Add --replace to put it in their place, or --to-prefix for a copy beside them",
            )
        parts = _parts(client, snapshot, prefix)
        _bring_back(client, settings, name, parts, progress)
        for part in parts:
            _own_pipeline(client, part, snapshot.prefix, prefix)
            _forget_origin(client, part)
        _switch(client, parts, there)
        for index in there:
            client.indices.delete(index=index)
        documents = client.count(index=",".join({part.alias for part in parts}))["count"]
    return Restored(tuple(part.name for part in parts), tuple(there), documents)


def require_usable(snapshot: Snapshot, engine: str) -> None:
    """Raise ConfigError that says why a snapshot cannot be restored on an engine of that version, and what can be done.

    An engine reads its own major version and the one before, and nothing that a newer one wrote.
    """
    name, state = snapshot.name, snapshot.state
    if state == "IN_PROGRESS":
        raise ConfigError(f"the snapshot {name} is still being made", "Wait until souk snapshot list says SUCCESS")
    if state == "UNREADABLE":
        raise ConfigError(f"the file of the snapshot {name} cannot be read: it is damaged", "Restore another one")
    if state in ("PARTIAL", "FAILED"):
        why = "; ".join(snapshot.failures) or "some shards are missing"
        raise ConfigError(f"the snapshot {name} is {state}: {why}", "Restore another one: souk snapshot list")
    if state == "INCOMPATIBLE" or not _reads(engine, snapshot.engine):
        raise ConfigError(
            f"the snapshot {name} is of engine version {snapshot.engine or 'unknown'}, and this one is {engine}",
            "Restore it on a cluster of its own version, upgrade that one, and take a new snapshot there",
        )
    if not snapshot.aliases:
        why = f"the snapshot {name} was not made by souk snapshot create"
        raise ConfigError(why, "Restore it with the engine's own API")


def _reads(engine: str, saved: str) -> bool:
    here, there = _version(engine), _version(saved)
    return there[0] >= here[0] - 1 and there <= here


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-")[0].split(".")[:3])


def indexes_there(client: OpenSearch, snapshot: Snapshot, prefix: str) -> list[str]:
    """The indexes that stand behind the snapshot's aliases here."""
    found: set[str] = set()
    for alias in snapshot.aliases:
        try:
            found |= set(client.indices.get_alias(name=_here(alias, snapshot.prefix, prefix)))
        except EngineNotFound:
            continue
    return sorted(found)


def _parts(client: OpenSearch, snapshot: Snapshot, prefix: str) -> list[Part]:
    parts: list[Part] = []
    for saved_alias, saved_names in snapshot.aliases.items():
        alias = _here(saved_alias, snapshot.prefix, prefix)
        name = next_index(client, alias)
        for saved in saved_names:
            parts.append(Part(saved, name, alias))
            name = f"{alias}-{int(name[-6:]) + 1:06d}"
    return parts


def _here(name: str, saved: str, prefix: str) -> str:
    return prefix + name.removeprefix(saved)


def _bring_back(client: OpenSearch, settings: Settings, name: str, parts: Sequence[Part], progress: Progress) -> None:
    """Restore the indexes, a few at once. When one cannot be, all are removed again.

    Raises EngineError when some shard could not be restored.
    """
    try:
        with ThreadPoolExecutor(AT_ONCE, "restore") as pool, readable(repository(settings)):
            asked = {pool.submit(_restore, client, settings, name, part): part for part in parts}
            try:
                while wait(asked, POLL_S).not_done:
                    progress(int(100 * sum(_share(client, part.name) for part in parts)), 100 * len(parts))
            except BaseException:  # Ctrl-C: the pool waits for its requests, which end when their index goes
                pool.shutdown(wait=False, cancel_futures=True)
                _remove(client, parts)
                raise
            for each, part in asked.items():
                _check(client, name, part, each.result())
    except BaseException:
        _remove(client, parts)
        raise


def _remove(client: OpenSearch, parts: Sequence[Part]) -> None:
    client.indices.delete(index=",".join(part.name for part in parts), params={"ignore_unavailable": "true"})


def _restore(client: OpenSearch, settings: Settings, name: str, part: Part) -> dict[str, Any]:
    body = {
        "indices": part.saved,
        "include_aliases": False,
        "include_global_state": False,
        "rename_pattern": "(.+)",
        "rename_replacement": part.name,
        "ignore_index_settings": ["index.blocks.write"],
    }
    until_done = {"wait_for_completion": "true", "request_timeout": HOURS_S}
    where = repository(settings)
    return dict(client.snapshot.restore(repository=where, snapshot=name, body=body, params=until_done))


def _check(client: OpenSearch, name: str, part: Part, answer: dict[str, Any]) -> None:
    if failed := answer["snapshot"]["shards"]["failed"]:
        raise EngineError(
            f"{failed} shards of {part.saved} could not be restored from {name}: {_why(client, part.name)}",
            "Its files are damaged: restore another snapshot. What there was is untouched",
        )


def _share(client: OpenSearch, name: str) -> float:
    """Bytes that are there of those to come, over the primaries of an index."""
    try:
        shards = client.indices.recovery(index=name).get(name, {}).get("shards", [])
    except TransportError:
        return 0.0
    sizes = [shard["index"]["size"] for shard in shards if shard["primary"]]
    total = sum(size["total_in_bytes"] for size in sizes)
    return sum(size["recovered_in_bytes"] for size in sizes) / total if total else 0.0


def _why(client: OpenSearch, name: str) -> str:
    """What the engine says of a shard that it could not restore."""
    try:
        said = client.cluster.allocation_explain(body={"index": name, "shard": 0, "primary": True})
    except TransportError:
        return "see the engine's log"
    details = str(said.get("unassigned_info", {}).get("details", ""))
    return details.rpartition("nested: ")[2].strip("; ") or "see the engine's log"


def _own_pipeline(client: OpenSearch, part: Part, saved: str, prefix: str) -> None:
    """A copy under another prefix writes through its own pipeline."""
    index = client.indices.get_settings(index=part.name)[part.name]["settings"]["index"]
    pipeline = index.get("final_pipeline", "")
    if prefix != saved and pipeline.startswith(f"{saved}-"):
        body = {"index": {"final_pipeline": _here(pipeline, saved, prefix)}}
        client.indices.put_settings(index=part.name, body=body)


def _forget_origin(client: OpenSearch, part: Part) -> None:
    """The index that a reindex made it from is not the one that has this name here, if any: there is no way back."""
    meta = dict(client.indices.get_mapping(index=part.name)[part.name]["mappings"].get("_meta") or {})
    if meta.pop(REINDEX_NOTE, None):
        client.indices.put_mapping(index=part.name, body={"_meta": meta})


def _switch(client: OpenSearch, parts: Sequence[Part], there: Sequence[str]) -> None:
    """All aliases at once. Of an alias with several indexes the newest is written to."""
    newest = {part.alias: part.name for part in parts}
    actions: list[dict[str, object]] = [{"remove": {"index": index, "alias": "*"}} for index in there]
    for part in parts:
        place = {"index": part.name, "alias": part.alias, "is_write_index": newest[part.alias] == part.name}
        actions.append({"add": place})
    client.indices.update_aliases(body={"actions": actions})

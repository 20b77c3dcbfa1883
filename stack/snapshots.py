"""Snapshots of our indexes, in a repository of the cluster: made, listed, deleted. `restore.py` brings them back.

The repository is named after the prefix. Where there is none, a folder is registered; one that an operator registered
under that name (S3, say) is used as it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from opensearchpy.exceptions import RequestError, TransportError

from stack.client import engine_errors, engine_reason
from stack.embedding.card import ModelCard
from stack.errors import ConfigError, EngineError, InputError, Mistake, NotFoundError
from stack.indexes import index_info
from stack.mappings import index_names
from stack.node.state import read_state
from stack.settings import Settings

POLL_S = 0.3
# Registering a repository and starting on a large index may take longer than a search.
PATIENT = {"request_timeout": 300}
Progress = Callable[[int, int], None]
"""Called with what is done and what is to be done, in bytes."""


@dataclass(frozen=True)
class Snapshot:
    """One snapshot. `state` is SUCCESS, PARTIAL, FAILED, IN_PROGRESS, INCOMPATIBLE, or UNREADABLE where its file is.

    `aliases` are the index names by alias as they were, oldest first; empty when Souk did not make it.
    """

    name: str
    state: str
    engine: str
    started_at: str
    seconds: float
    indexes: tuple[str, ...]
    aliases: dict[str, list[str]]
    documents: int
    prefix: str
    model: ModelCard | None
    failures: tuple[str, ...]


def repository(settings: Settings) -> str:
    """`souk` → `souk-snapshots`."""
    return f"{settings.index_prefix}-snapshots"


def folder(settings: Settings) -> str:
    """The folder of the repository, as the nodes see it. A local node of ours may have been given another than ours."""
    state = None if settings.opensearch_url else read_state(settings)
    root = (state.snapshots if state else "") or str(settings.snapshots.absolute())
    return f"{root}/{settings.index_prefix}"


def register(client: OpenSearch, settings: Settings) -> None:
    """Register the folder when the cluster has no repository of our name.

    Raises ConfigError when the nodes may not write there, or when the name stands for another folder.
    """
    name, where = repository(settings), folder(settings)
    with engine_errors():
        try:
            known = client.snapshot.get_repository(repository=name)[name]
        except EngineNotFound:
            known = None
        if known is None:
            _put_repository(client, name, where)
        elif known["type"] == "fs" and known["settings"].get("location") != where:
            raise ConfigError(
                f"the repository {name} lies in {known['settings'].get('location')}, the settings name {where}",
                f"Set SOUK_SNAPSHOT_DIR to the folder above the first, or take it off: DELETE /_snapshot/{name}",
            )


def _put_repository(client: OpenSearch, name: str, where: str) -> None:
    body = {"type": "fs", "settings": {"location": where, "compress": True}}
    try:
        client.snapshot.create_repository(repository=name, body=body, params=dict(PATIENT))
    except TransportError as error:
        _, reason = engine_reason(error.info)
        raise ConfigError(
            f"the cluster takes no snapshots in {where}: {reason or error}",
            "Every node must be started with a path.repo above it, be the same folder there, and may write to it "
            "(souk up does so; set SOUK_SNAPSHOT_DIR); for S3 see docs/decisions/reindex.md",
        ) from error


def create(client: OpenSearch, settings: Settings, name: str | None, progress: Progress) -> Snapshot:
    """Take a snapshot of the indexes in use, and wait for it.

    Raises InputError for a wrong or used name, EngineError when some shard could not be saved.
    """
    register(client, settings)
    name = name or f"souk-{datetime.now(UTC):%Y%m%dt%H%M%Sz}"
    aliases = indexes_in_use(client, settings)
    if not aliases:
        raise NotFoundError("there are no indexes to take a snapshot of", "Run souk apply")
    with engine_errors():
        about = _about(client, settings, aliases)
        body = {
            "indices": ",".join(each for names in aliases.values() for each in names),
            "include_global_state": False,
            "metadata": {"souk": about},
        }
        try:
            client.snapshot.create(repository=repository(settings), snapshot=name, body=body, params=dict(PATIENT))
        except RequestError as error:
            raise _bad_name(name, error) from error
        _wait(client, repository(settings), name, progress)
    made = find(client, settings, name)
    if made.state != "SUCCESS":
        raise EngineError(
            f"the snapshot {name} is {made.state}: {'; '.join(made.failures) or 'some shards have no copy'}",
            "See to the cluster (souk status), delete it (souk snapshot delete) and take another",
        )
    return made


def indexes_in_use(client: OpenSearch, settings: Settings) -> dict[str, list[str]]:
    """The indexes behind each of our aliases, oldest first: an alias that rolled over has several."""
    found: dict[str, list[str]] = {}
    with engine_errors():
        for name in index_names(settings.mappings_dir):
            alias = f"{settings.index_prefix}-{name}"
            try:
                found[alias] = sorted(client.indices.get_alias(name=alias))
            except EngineNotFound:
                continue
    return found


def _about(client: OpenSearch, settings: Settings, aliases: dict[str, list[str]]) -> dict[str, Any]:
    models = [index_info(alias, client.indices.get_mapping(index=names[-1])).model for alias, names in aliases.items()]
    known = [model for model in models if model is not None]
    return {
        "prefix": settings.index_prefix,
        "aliases": aliases,
        "documents": client.count(index=",".join(aliases))["count"],
        "model": known[0].as_meta() if known else None,
    }


def _bad_name(name: str, error: RequestError) -> InputError:
    reason = re.sub(r"^\[[^\]]*\] ", "", engine_reason(error.info)[1])
    return InputError([Mistake("NAME", reason)], f"Choose another name than {name}, in lower case")


def _wait(client: OpenSearch, where: str, name: str, progress: Progress) -> None:
    while True:
        (now,) = client.snapshot.status(repository=where, snapshot=name)["snapshots"]
        total = now["stats"]["total"]["size_in_bytes"]
        running = now["state"] in ("INIT", "STARTED")
        progress(now["stats"].get("processed", {}).get("size_in_bytes", 0) if running else total, total)
        if not running and _state(client, where, name) != "IN_PROGRESS":  # its own files are written last
            return
        time.sleep(POLL_S)


def _state(client: OpenSearch, where: str, name: str) -> str:
    return str(client.snapshot.get(repository=where, snapshot=name)["snapshots"][0]["state"])


def read_all(client: OpenSearch, settings: Settings) -> list[Snapshot]:
    """All snapshots of the repository, oldest first. Raises EngineError for a repository that cannot be read."""
    register(client, settings)
    where = repository(settings)
    with readable(where):
        names = client.snapshot.get(repository=where, snapshot="_all", params={"verbose": "false"})["snapshots"]
        details = client.snapshot.get(repository=where, snapshot="_all", params={"ignore_unavailable": "true"})
    known = {each["snapshot"]: each for each in details["snapshots"]}
    found = [_snapshot(known.get(each["snapshot"], each)) for each in names]
    return sorted(found, key=lambda each: each.started_at)


def find(client: OpenSearch, settings: Settings, name: str) -> Snapshot:
    """One snapshot. Raises NotFoundError that names those there are."""
    everything = read_all(client, settings)
    for each in everything:
        if each.name == name:
            return each
    there = ", ".join(each.name for each in everything[-10:]) or "none"
    raise NotFoundError(f"there is no snapshot {name}", f"There is: {there}")


def delete(client: OpenSearch, settings: Settings, name: str) -> None:
    """Delete a snapshot; what others share with it stays. Raises NotFoundError."""
    find(client, settings, name)
    with engine_errors():
        client.snapshot.delete(repository=repository(settings), snapshot=name, params=dict(PATIENT))


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Within it a repository that cannot be understood is a named error."""
    with engine_errors():
        try:
            yield
        except TransportError as error:
            if error.status_code != 500:
                raise
            raise EngineError(
                f"the repository {where} cannot be read: {engine_reason(error.info)[1]}",
                "Its files are damaged, or another engine or a newer version wrote them: "
                "put the folder back from a copy, or point SOUK_SNAPSHOT_DIR at another",
            ) from error


def _snapshot(found: dict[str, Any]) -> Snapshot:
    about = (found.get("metadata") or {}).get("souk") or {}
    unreadable = "start_time" not in found and found["state"] == "SUCCESS"
    model = about.get("model")
    return Snapshot(
        name=found["snapshot"],
        state="UNREADABLE" if unreadable else found["state"],
        engine=found.get("version", ""),
        started_at=found.get("start_time", ""),
        seconds=round(found.get("duration_in_millis", 0) / 1000, 1),
        indexes=tuple(found.get("indices", ())),
        aliases=about.get("aliases", {}),
        documents=int(about.get("documents", 0)),
        prefix=about.get("prefix", ""),
        model=ModelCard(**model) if model else None,
        failures=tuple(f"{each['index']}: {each['reason']}" for each in found.get("failures", ())),
    )

"""What `souk status` tells: the cluster's health and what it can do, and the indexes behind our aliases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from opensearchpy import OpenSearch

from stack.capabilities import Capabilities, read_capabilities
from stack.client import engine_errors, engine_url, shown_url
from stack.documents import KINDS
from stack.node.config import node_name
from stack.node.state import NodeState, load_nodes, process_of, read_state
from stack.settings import Settings

VECTOR_FIELD = "text_vector"
ANSWER_S = 5


@dataclass(frozen=True)
class IndexStatus:
    """One index behind one of our aliases. `vectors`: documents that have one. `size_bytes`: with replicas."""

    alias: str
    index: str
    documents: int
    vectors: int
    size_bytes: int
    model: str | None


@dataclass(frozen=True)
class Shards:
    """How many shard copies serve, how many start or move, how many no node holds."""

    active: int
    moving: int
    missing: int


@dataclass(frozen=True)
class MemberStatus:
    """One node. `answers` is false for a local one of ours that the cluster does not see; `pid` None: it is gone."""

    name: str
    address: str
    answers: bool = False
    manages: bool = False
    shards: int = 0
    heap_percent: int = 0
    disk_free_bytes: int = 0
    pid: int | None = None


@dataclass(frozen=True)
class ClusterStatus:
    """The cluster. `log_file` and `pid` are known only of a local engine that we started."""

    url: str
    health: str
    nodes: int
    members: tuple[MemberStatus, ...]
    shards: Shards
    capabilities: Capabilities
    indexes: tuple[IndexStatus, ...]
    pid: int | None
    log_file: str | None


def read_status(client: OpenSearch, settings: Settings) -> ClusterStatus:
    """Ask the cluster. Raises EngineError when it is gone or refuses us. No index yet is no error."""
    with engine_errors():
        health = client.cluster.health(request_timeout=ANSWER_S)
        indexes = tuple(_indexes(client, settings))
        members = _members(client)
    local = None if settings.opensearch_url else read_state(settings)
    return ClusterStatus(
        url=shown_url(engine_url(settings)),
        health=health["status"],
        nodes=health["number_of_nodes"],
        members=members if settings.opensearch_url else _with_ours(members, load_nodes(settings)),
        shards=Shards(
            active=health["active_shards"],
            moving=health["initializing_shards"] + health["relocating_shards"],
            missing=health["unassigned_shards"],
        ),
        capabilities=read_capabilities(client),
        indexes=indexes,
        pid=local.pid if local else None,
        log_file=local.log_file if local else None,
    )


def _members(client: OpenSearch) -> tuple[MemberStatus, ...]:
    told = {"format": "json", "bytes": "b", "request_timeout": ANSWER_S}
    columns = "name,http,cluster_manager,heap.percent,disk.avail"
    rows = client.cat.nodes(params=told | {"h": columns})
    shards = {row["node"]: int(row["shards"]) for row in client.cat.allocation(params=told | {"h": "node,shards"})}
    found = (
        MemberStatus(
            name=row["name"],
            address=row.get("http") or "",
            answers=True,
            manages=row.get("cluster_manager") == "*",
            shards=shards.get(row["name"], 0),
            heap_percent=int(row.get("heap.percent") or 0),
            disk_free_bytes=int(row.get("disk.avail") or 0),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda member: member.name))


def _with_ours(members: tuple[MemberStatus, ...], nodes: tuple[NodeState, ...]) -> tuple[MemberStatus, ...]:
    """The pids of the nodes that we started, and those of them that the cluster does not see."""
    seen = {member.name: member for member in members}
    for node in nodes:
        name = node_name(node.number)
        member = seen.get(name) or MemberStatus(name, node.url.removeprefix("http://"))
        seen[name] = replace(member, pid=node.pid if process_of(node) else None)
    return tuple(seen[name] for name in sorted(seen))


def _indexes(client: OpenSearch, settings: Settings) -> list[IndexStatus]:
    aliases = [settings.alias(kind) for kind in KINDS]
    # 404 here means that some alias is not there yet; those that are come all the same.
    found: dict[str, Any] = client.indices.get_alias(name=",".join(aliases), ignore=404)
    pairs = [
        (alias, index)
        for index, entry in found.items()
        if isinstance(entry, dict)
        for alias in entry.get("aliases", {})
    ]
    return [_index(client, alias, index) for alias, index in sorted(pairs, key=lambda pair: aliases.index(pair[0]))]


def _index(client: OpenSearch, alias: str, index: str) -> IndexStatus:
    mapping = client.indices.get_mapping(index=index)[index]["mappings"]
    stats = client.indices.stats(index=index, metric="store")
    return IndexStatus(
        alias=alias,
        index=index,
        documents=client.count(index=index)["count"],
        vectors=_vectors(client, index, mapping),
        size_bytes=stats["_all"]["total"].get("store", {}).get("size_in_bytes", 0),
        model=model_name(mapping),
    )


def _vectors(client: OpenSearch, index: str, mapping: dict[str, Any]) -> int:
    if VECTOR_FIELD not in mapping.get("properties", {}):
        return 0
    query = {"query": {"exists": {"field": VECTOR_FIELD}}}
    return int(client.count(index=index, body=query)["count"])


def model_name(mapping: dict[str, Any]) -> str | None:
    """The embedding model's name from the index `_meta`; None where the index has none."""
    embedding = (mapping.get("_meta") or {}).get("embedding") or {}
    return str(embedding["name"]) if "name" in embedding else None

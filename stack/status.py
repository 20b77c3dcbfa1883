"""What `souk status` tells: the cluster's health and what it can do, and the indexes behind our aliases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch

from stack.capabilities import Capabilities, read_capabilities
from stack.client import engine_errors, engine_url, shown_url
from stack.documents import KINDS
from stack.node.state import read_state
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
class ClusterStatus:
    """The cluster. `log_file` and `pid` are known only of a local engine that we started."""

    url: str
    health: str
    nodes: int
    capabilities: Capabilities
    indexes: tuple[IndexStatus, ...]
    pid: int | None
    log_file: str | None


def read_status(client: OpenSearch, settings: Settings) -> ClusterStatus:
    """Ask the cluster. Raises EngineError when it is gone or refuses us. No index yet is no error."""
    with engine_errors():
        health = client.cluster.health(request_timeout=ANSWER_S)
        indexes = tuple(_indexes(client, settings))
    local = None if settings.opensearch_url else read_state(settings)
    return ClusterStatus(
        url=shown_url(engine_url(settings)),
        health=health["status"],
        nodes=health["number_of_nodes"],
        capabilities=read_capabilities(client),
        indexes=indexes,
        pid=local.pid if local else None,
        log_file=local.log_file if local else None,
    )


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

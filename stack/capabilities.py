"""What a cluster can do, read once at connect time. Portable mode needs k-NN alone; native mode what is more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch, OpenSearch

from stack.client import engine_errors

KNN = "opensearch-knn"
NEURAL_SEARCH = "opensearch-neural-search"
LTR = "opensearch-ltr"

NODES = "/_nodes/plugins,jvm,settings"
NODES_FIELDS = {"filter_path": "nodes.*.plugins.name,nodes.*.jvm.input_arguments,nodes.*.settings.path.home"}
KNN_STATS = "/_plugins/_knn/stats/faiss_initialized"
OFFICIAL_HOME = "/usr/share/opensearch"


@dataclass(frozen=True)
class Capabilities:
    """What every node of the cluster has. A plugin that some nodes lack does not count: a request may land there.

    `hybrid`: the `hybrid` query and its search pipelines. `ltr`: `sltr`. `faiss`: k-NN fields with the engine faiss.
    """

    version: str
    distribution: str
    plugins: tuple[str, ...]
    knn: bool
    hybrid: bool
    ltr: bool
    faiss: bool


def read_capabilities(client: OpenSearch) -> Capabilities:
    """Ask the cluster. Raises EngineError."""
    with engine_errors():
        info = client.info()
        nodes = client.transport.perform_request("GET", NODES, params=NODES_FIELDS)
        stats = client.transport.perform_request("GET", KNN_STATS) if _all_have(nodes, KNN) else {}
    return capabilities_of(info, nodes, stats)


async def read_capabilities_async(client: AsyncOpenSearch) -> Capabilities:
    """The same on the asyncio client."""
    with engine_errors():
        info = await client.info()
        nodes = await client.transport.perform_request("GET", NODES, params=NODES_FIELDS)
        stats = await client.transport.perform_request("GET", KNN_STATS) if _all_have(nodes, KNN) else {}
    return capabilities_of(info, nodes, stats)


def capabilities_of(info: dict[str, Any], nodes: dict[str, Any], knn_stats: dict[str, Any]) -> Capabilities:
    """From the answers of `GET /`, `GET /_nodes/plugins,jvm,settings` and the k-NN plugin's stats."""
    plugins = _common_plugins(nodes)
    version = info.get("version", {})
    return Capabilities(
        version=str(version.get("number", "unknown")),
        distribution=str(version.get("distribution", "unknown")),
        plugins=tuple(sorted(plugins)),
        knn=KNN in plugins,
        hybrid=NEURAL_SEARCH in plugins,
        ltr=LTR in plugins,
        faiss=KNN in plugins and _all_load_faiss(nodes, knn_stats),
    )


def _all_have(nodes: dict[str, Any], plugin: str) -> bool:
    return plugin in _common_plugins(nodes)


def _common_plugins(nodes: dict[str, Any]) -> frozenset[str]:
    each = [_plugins(node) for node in nodes.get("nodes", {}).values()]
    return frozenset.intersection(*each) if each else frozenset()


def _plugins(node: dict[str, Any]) -> frozenset[str]:
    return frozenset(plugin["name"] for plugin in node.get("plugins", []))


def _all_load_faiss(nodes: dict[str, Any], knn_stats: dict[str, Any]) -> bool:
    """Whether every node shows that its k-NN plugin finds the native libraries.

    There is no harmless way to try: a node that lacks them accepts the mapping and dies at the first document
    (docs/engine.md). So only a sign that they are there counts, and without one the answer is no:

    - the plugin's own statistic `faiss_initialized` (it was loaded since the start), or
    - the JVM was given the libraries' folder by `-Djava.library.path`, or
    - the node lies in the folder of the official image and packages and has a plugin that only the full distribution
      carries: their entry points set LD_LIBRARY_PATH. That variable itself is not to be read over HTTP.
    """
    stats = knn_stats.get("nodes", {})
    signs = [
        stats.get(name, {}).get("faiss_initialized") is True or _given_libraries(node) or _is_official(node)
        for name, node in nodes.get("nodes", {}).items()
    ]
    return bool(signs) and all(signs)


def _given_libraries(node: dict[str, Any]) -> bool:
    arguments: Iterable[str] = node.get("jvm", {}).get("input_arguments", [])
    return any(argument.startswith("-Djava.library.path=") and "knn" in argument for argument in arguments)


def _is_official(node: dict[str, Any]) -> bool:
    home = node.get("settings", {}).get("path", {}).get("home")
    return home == OFFICIAL_HOME and NEURAL_SEARCH in _plugins(node)

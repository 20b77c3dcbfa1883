"""Bring the cluster to what `mappings/` says: idempotent, and it shows first what would change.

`plan` compares, `apply` puts. Components go before the templates that are composed of them, pipelines before the
indexes that name them, indexes last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from opensearchpy.exceptions import RequestError

from stack.capabilities import Capabilities, read_capabilities
from stack.client import engine_errors
from stack.documents import DOCUMENT_KINDS
from stack.embedding.card import ModelCard
from stack.errors import ConfigError, EngineError
from stack.indexes import REINDEX_NOTE, first_index, index_info
from stack.mappings import Resource, index_names, render
from stack.settings import Settings
from stack.signals import SIGNAL

# A value as text, or a list of them.
Leaf = str | tuple[str, ...]
Action = Literal["create", "update", "unchanged", "skip", "differs", "recreate"]


@dataclass(frozen=True)
class Change:
    """What happens to one resource or index. `diff` lines start with `+`, `-` or `~`."""

    action: Action
    path: str
    source: str
    body: dict[str, Any] = field(default_factory=dict)
    diff: tuple[str, ...] = ()
    note: str = ""


def plan(
    client: OpenSearch, settings: Settings, card: ModelCard, can: Capabilities, recreate: bool = False
) -> list[Change]:
    """Compare `mappings/` with the cluster. Changes nothing.

    Raises ConfigError for a file that is wrong or that this cluster must not get (faiss), EngineError when the engine
    cannot be asked.
    """
    changes = _compare_resources(client, settings, card, can)
    with engine_errors():
        aliases = [f"{settings.index_prefix}-{name}" for name in index_names(settings.mappings_dir)]
        return changes + [_compare_index(client, alias, card, recreate) for alias in aliases]


def apply(client: OpenSearch, changes: list[Change]) -> None:
    """Put what `plan` found to create or update. Raises EngineError that names the file the engine refuses."""
    todo = [change for change in changes if change.action in ("create", "update", "recreate")]
    if any(change.action == "update" and change.path.startswith("/_component_template/") for change in todo):
        _drop_templates(client, todo)
    for change in todo:
        try:
            with engine_errors():
                _put(client, change)
        except EngineError as error:
            raise type(error)(f"{change.source}: {error.message}", error.remedy) from error


def template_changes(client: OpenSearch, settings: Settings, card: ModelCard) -> list[Change]:
    """What `apply` would change but for indexes. Raises as `plan` does."""
    changes = _compare_resources(client, settings, card, read_capabilities(client))
    return [change for change in changes if change.action in ("create", "update")]


def _compare_resources(client: OpenSearch, settings: Settings, card: ModelCard, can: Capabilities) -> list[Change]:
    resources = render(settings, card)
    refuse_faiss(resources, can)
    with engine_errors():
        return [_compare(client, resource, can) for resource in resources]


def _drop_templates(client: OpenSearch, todo: list[Change]) -> None:
    """The engine refuses a component that the *old* templates cannot live with; those that are put again go first."""
    for change in todo:
        if change.action == "update" and change.path.startswith("/_index_template/"):
            with engine_errors():
                client.transport.perform_request("DELETE", change.path)


def _put(client: OpenSearch, change: Change) -> None:
    if change.action == "recreate":
        client.indices.delete(index=change.note)
    client.transport.perform_request("PUT", change.path, body=change.body)


def refuse_faiss(resources: list[Resource], can: Capabilities) -> None:
    """Raise ConfigError when a mapping asks for faiss on nodes without its libraries: a document would kill them."""
    for resource in resources:
        if not can.faiss and (place := _find_faiss(resource.body, "")):
            raise ConfigError(
                f"{resource.file}: {place} asks for the engine faiss, whose native libraries this cluster lacks; "
                "the first document would kill the node",
                'Write "engine": "lucene", or use the official OpenSearch image',
            )


def _find_faiss(node: Any, place: str) -> str:
    if isinstance(node, dict):
        if node.get("engine") in ("faiss", "nmslib"):
            return place.strip(".")
        return next((found for key, value in node.items() if (found := _find_faiss(value, f"{place}.{key}"))), "")
    return ""


def _compare(client: OpenSearch, resource: Resource, can: Capabilities) -> Change:
    if resource.requires and not getattr(can, resource.requires):
        return Change("skip", resource.path, resource.file, note=f"the cluster has no {resource.requires}")
    current = _current(client, resource)
    if current is None:
        return Change("create", resource.path, resource.file, resource.body)
    diff = difference(current, resource.body)
    return Change("update" if diff else "unchanged", resource.path, resource.file, resource.body, diff)


def _current(client: OpenSearch, resource: Resource) -> dict[str, Any] | None:
    try:
        answer = client.transport.perform_request("GET", resource.path)
    except EngineNotFound:
        return None
    except RequestError as error:
        if error.status_code == 404:
            return None
        raise
    wrapper = {"_component_template": "component_template", "_index_template": "index_template"}.get(resource.endpoint)
    if wrapper is None:
        found = answer.get(resource.name)
        return found if isinstance(found, dict) else None
    templates = answer[f"{wrapper}s"]
    return dict(templates[0][wrapper]) if templates else None


def _compare_index(client: OpenSearch, alias: str, card: ModelCard, recreate: bool) -> Change:
    """An index that is not there is created; one that is there is never touched, unless `recreate` says so."""
    name = first_index(alias)
    body = {"aliases": {alias: {"is_write_index": True}}}
    try:
        answer = client.indices.get_mapping(index=alias)
    except EngineNotFound:
        return Change("create", f"/{name}", f"alias {alias}", body)
    info = index_info(alias, answer)
    if recreate:
        return Change("recreate", f"/{info.name}", f"alias {alias}", body, note=info.name)
    if info.model not in (None, card):
        note = "it holds the vectors of another model; souk reindex all builds them anew while everything goes on"
        return Change("differs", f"/{info.name}", f"alias {alias}", note=note)
    diff = _index_difference(client, info.name)
    note = _way(alias.rpartition("-")[2]) if diff else ""
    return Change("differs" if diff else "unchanged", f"/{info.name}", f"alias {alias}", diff=diff, note=note)


def _way(name: str) -> str:
    """How a new mapping comes into use: `products` are built anew, a log begins a new index by itself."""
    if name.removesuffix("s") in (*DOCUMENT_KINDS, SIGNAL):
        return f"takes effect in a new index: souk reindex {name}"
    return "takes effect in the next index, which souk lifecycle run begins when this one is full"


def _index_difference(client: OpenSearch, name: str) -> tuple[str, ...]:
    """What a new index would have that this one has not: mapping and analysis, as its template resolves today."""
    try:
        found = client.transport.perform_request("POST", f"/_index_template/_simulate_index/{name}")
    except EngineNotFound:
        return ()
    if (fresh := found.get("template")) is None:  # a restored index, before its template is there
        return ()
    current = client.indices.get(index=name)[name]
    (current["mappings"].get("_meta") or {}).pop(REINDEX_NOTE, None)
    return difference(
        {"mappings": current["mappings"], "analysis": current["settings"]["index"].get("analysis", {})},
        {"mappings": fresh["mappings"], "analysis": fresh["settings"]["index"].get("analysis", {})},
    )


def difference(current: dict[str, Any], wanted: dict[str, Any]) -> tuple[str, ...]:
    """What must change in `current` to be `wanted`, a line a value: `+ a.b: 1`, `- a.b: 1`, `~ a.b: 1 → 2`.

    The engine answers numbers and booleans of settings as text, so leaves are compared as text.
    """
    have, want = _flatten(current), _flatten(wanted)
    lines: list[str] = []
    for key in sorted(have.keys() | want.keys()):
        if key not in have:
            lines.append(f"+ {key}: {_shown(want[key])}")
        elif key not in want:
            lines.append(f"- {key}: {_shown(have[key])}")
        elif have[key] != want[key]:
            lines += _changed(key, have[key], want[key])
    return tuple(lines)


def _changed(key: str, have: Leaf, want: Leaf) -> list[str]:
    """Of a list only the items that go and come, a line each: a synonym file is one long list."""
    if isinstance(have, tuple) and isinstance(want, tuple) and set(have) != set(want):
        gone, new = [item for item in have if item not in want], [item for item in want if item not in have]
        return [*(f"- {key}: {item}" for item in gone), *(f"+ {key}: {item}" for item in new)]
    return [f"~ {key}: {_shown(have)} → {_shown(want)}"]


def _shown(leaf: Leaf) -> str:
    return leaf if isinstance(leaf, str) else ", ".join(leaf)


def _flatten(node: Any, place: str = "") -> dict[str, Leaf]:
    if isinstance(node, dict) and node:
        return {
            key: value
            for name, child in node.items()
            for key, value in _flatten(child, f"{place}.{name}" if place else str(name)).items()
        }
    if isinstance(node, list):
        return {place: tuple(map(_leaf, node))}
    return {place: _leaf(node)} if place else {}


def _leaf(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)

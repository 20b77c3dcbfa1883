"""`souk reindex status`: the index behind each alias, those that are kept, and who is at work."""

from __future__ import annotations

from dataclasses import dataclass

from opensearchpy import OpenSearch

from ingest.reindex.run import WORK
from ingest.reindex.subject import SUBJECTS
from ingest.reindex.target import origin
from stack.client import engine_errors
from stack.indexes import versions
from stack.locks import Work, look
from stack.settings import Settings
from stack.status import model_name


@dataclass(frozen=True)
class Version:
    """One index. `role`: `in use`, `to go back to`, `being built`, or `kept`."""

    index: str
    alias: str
    role: str
    documents: int
    size_bytes: int
    model: str | None
    writes_held: bool


@dataclass(frozen=True)
class ReindexStatus:
    """`work` is a run that goes on or did not end well."""

    versions: tuple[Version, ...]
    work: Work | None


def read_reindex_status(client: OpenSearch, settings: Settings) -> ReindexStatus:
    """Ask the cluster. Raises EngineError when it is gone or refuses us."""
    with engine_errors():
        found = [
            _version(client, alias, name) for alias in map(settings.alias, SUBJECTS) for name in versions(client, alias)
        ]
    return ReindexStatus(tuple(found), look(client, settings.index_prefix, WORK))


def _version(client: OpenSearch, alias: str, name: str) -> Version:
    index = client.indices.get(index=name)[name]
    stats = client.indices.stats(index=name, metric="store,docs")["_all"]
    return Version(
        index=name,
        alias=alias,
        role=_role(client, alias, name, set(index["aliases"])),
        documents=stats["primaries"]["docs"]["count"],
        size_bytes=stats["total"]["store"]["size_in_bytes"],
        model=model_name(index["mappings"]),
        writes_held=index["settings"]["index"].get("blocks", {}).get("write") == "true",
    )


def _role(client: OpenSearch, alias: str, name: str, aliases: set[str]) -> str:
    if alias in aliases:
        return "in use"
    if f"{alias}-next" in aliases:
        return "being built"
    current = next(iter(client.indices.get_alias(name=alias, ignore=[404])), "")
    noted = origin(client, current) if current in versions(client, alias) else None
    return "to go back to" if noted and noted[0] == name else "kept"

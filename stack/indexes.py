"""Versioned indexes behind aliases: `souk-products` → `souk-products-000001`. Everything reads and writes the alias."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError as EngineNotFound

from stack.client import engine_errors
from stack.documents import DOCUMENT_KINDS, KINDS, DocumentKind, Kind
from stack.embedding.card import ModelCard
from stack.errors import ModelMismatchError, NotFoundError
from stack.settings import Settings

# What `souk reindex` notes in an index's `_meta`: where it came from, for the way back. No template has it.
REINDEX_NOTE = "reindex"


@dataclass(frozen=True)
class IndexInfo:
    """The index behind an alias, and the model its vectors come from (None when it says nothing)."""

    alias: str
    name: str
    model: ModelCard | None


def first_index(alias: str) -> str:
    """`souk-products` → `souk-products-000001`."""
    return f"{alias}-000001"


def versions(client: OpenSearch, alias: str) -> list[str]:
    """All indexes that are or were behind an alias and are still there, oldest first."""
    found = client.indices.get(index=f"{alias}-*", params={"filter_path": "*.settings.index.uuid"})
    return sorted(name for name in found if re.fullmatch(re.escape(alias) + r"-\d{6}", name))


def next_index(client: OpenSearch, alias: str) -> str:
    """The name after the newest there is: `souk-products-000007`."""
    known = versions(client, alias)
    return f"{alias}-{int(known[-1][-6:]) + 1:06d}" if known else first_index(alias)


def read_index(client: OpenSearch, alias: str) -> IndexInfo:
    """The index behind an alias.

    Raises NotFoundError when the alias is not there; EngineError otherwise.
    """
    with engine_errors():
        try:
            answer = client.indices.get_mapping(index=alias)
        except EngineNotFound as error:
            raise NotFoundError(f"there is no index {alias}", "Create it: souk apply") from error
    return index_info(alias, answer)


def index_info(alias: str, answer: dict[str, Any]) -> IndexInfo:
    """The answer of `GET /<alias>/_mapping` → IndexInfo. Several indexes: the newest, which is the one written to."""
    name = max(answer)
    embedding = (answer[name]["mappings"].get("_meta") or {}).get("embedding")
    return IndexInfo(alias, name, ModelCard(**embedding) if embedding else None)


def require_model(info: IndexInfo, card: ModelCard) -> None:
    """Raise ModelMismatchError when the index holds the vectors of another model than `card`, or does not say whose."""
    if info.model == card:
        return
    raise ModelMismatchError(
        f"{info.name} holds vectors of {_describe(info.model)}, the settings name {_describe(card)}",
        "Set SOUK_MODEL (and SOUK_MODEL_PRECISION, SOUK_MODEL_MAX_TOKENS) back, or embed all anew: souk reindex all",
    )


def check_writable(client: OpenSearch, settings: Settings, kind: DocumentKind, card: ModelCard | None) -> IndexInfo:
    """The index that a kind is written to.

    Raises NotFoundError when it is missing, ModelMismatchError when `card` is not the model of its vectors.
    """
    info = read_index(client, settings.alias(kind))
    if card is not None:
        require_model(info, card)
    return info


def all_aliases(settings: Settings) -> dict[Kind, str]:
    """The alias of each kind that a search mixes."""
    return {kind: settings.alias(kind) for kind in KINDS}


def document_aliases(settings: Settings) -> dict[DocumentKind, str]:
    """The alias of each kind of document, sellers and creators too."""
    return {kind: settings.alias(kind) for kind in DOCUMENT_KINDS}


def _describe(card: ModelCard | None) -> str:
    if card is None:
        return "a model that it does not name"
    return f"{card.name} ({card.dimension} dimensions, {card.hash})"

"""Before anything is built: are templates those of `mappings/`, and will all kinds have vectors of one model?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

from opensearchpy import OpenSearch

from ingest.reindex.subject import Subject
from stack.apply import apply, template_changes
from stack.documents import KINDS, DocumentKind
from stack.embedding.card import ModelCard
from stack.errors import ConfigError, NotFoundError
from stack.indexes import IndexInfo, read_index
from stack.mappings import render
from stack.settings import Settings


def recipe_of(settings: Settings, card: ModelCard, kinds: Sequence[Subject]) -> str:
    """What decides the new indexes, as 16 hex digits: a killed run goes on only when this is the same."""
    bodies = [resource.body for resource in render(settings, card)]
    text = json.dumps([sorted(kinds), card.as_meta(), bodies], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def bring_templates(client: OpenSearch, settings: Settings, card: ModelCard, say: Callable[[str], None]) -> None:
    """Bring pipelines and templates to `mappings/`: the new indexes are made of them."""
    changes = template_changes(client, settings, card)
    apply(client, changes)
    if changes:
        say(f"templates brought to mappings/: {', '.join(change.path.rpartition('/')[2] for change in changes)}")


def require_one_model(client: OpenSearch, settings: Settings, card: ModelCard, kinds: Sequence[Subject]) -> None:
    """Raise ConfigError when a kind that is left out has vectors of another model: a search asks all with one."""
    others = [info for kind in KINDS if kind not in kinds if (info := _info(client, settings, kind))]
    differing = [info.alias for info in others if info.model not in (None, card)]
    if set(kinds) & set(KINDS) and differing:
        raise ConfigError(
            f"{', '.join(differing)} would keep vectors of another model than {card.name}; no search could ask both",
            "Move all together: souk reindex all (with the same --model)",
        )


def _info(client: OpenSearch, settings: Settings, kind: DocumentKind) -> IndexInfo | None:
    try:
        return read_index(client, settings.alias(kind))
    except NotFoundError:
        return None

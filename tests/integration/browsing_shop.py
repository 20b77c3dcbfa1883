"""A shop to browse: the catalogue with variants, odd categories, profiles and searches of others, written once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from browsing_catalogue import EXTRA, PROFILES, searches
from catalogue import DOCUMENTS, NOW, write
from opensearchpy.helpers import bulk

from api.bootstrap import build_searcher
from api.search import Searcher
from stack.client import connect
from stack.documents import index_body
from stack.embedding import Encoder
from stack.settings import Settings
from stack.signals import millis


@pytest.fixture(scope="session")
def browsing_settings(
    make_indexes: Callable[..., Settings], encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Indexes that hold the shop, and no published lexicon. Tests read them and write nothing."""
    published: Path = tmp_path_factory.mktemp("nothing-published")
    settings = make_indexes("browse", published_dir=published)
    write(settings, encoder, [*DOCUMENTS, *EXTRA])
    actions = [{"_index": settings.alias(one.kind), "_id": one.id, **index_body(one)} for one in PROFILES]
    cheaper = {"kind": "product", "id": "mouse-dear", "price": 1500.0, "times": {"price": millis(NOW)}}
    actions.append({"_index": f"{settings.index_prefix}-signals", "_id": "product:mouse-dear", **cheaper})
    actions += [{"_index": f"{settings.index_prefix}-ubi_queries", **search} for search in searches()]
    with connect(settings) as client:
        bulk(client, actions, refresh=True)
    return settings


@pytest.fixture(scope="session")
async def browsing(browsing_settings: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    """Answers over the shop at the catalogue's time, however busy the machine is, all of it taken up."""
    async with build_searcher(browsing_settings, encoder) as built:
        suggester = built.suggester
        suggester.clock = lambda: NOW
        titles = suggester.rules.titles.model_copy(update={"deadline_ms": 10_000})
        suggester.rules = suggester.rules.model_copy(update={"titles": titles})
        await suggester.renew()
        yield replace(built, clock=lambda: NOW, deadline_s=10)

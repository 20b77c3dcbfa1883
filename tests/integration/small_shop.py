"""Fixtures: the small shop of catalogue.py, written once, and a searcher over it whose clock stands still.

A plugin of the tests that name it, because `conftest` is a module of its own name already.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from catalogue import NOW, write

from api.bootstrap import build_searcher
from api.search import Searcher
from stack.embedding import Encoder
from stack.settings import Settings


@pytest.fixture(scope="session")
def small_shop(make_indexes: Callable[..., Settings], encoder: Encoder) -> Settings:
    """Indexes that hold the catalogue. Tests read them and write nothing."""
    settings = make_indexes("search", languages=("en", "de"))
    write(settings, encoder)
    return settings


@pytest.fixture(scope="session")
async def searcher(small_shop: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    """Answers over the small shop, at the catalogue's time, however busy the machine is."""
    async with build_searcher(small_shop, encoder) as built:
        yield replace(built, clock=lambda: NOW, deadline_s=10)

"""Fixtures of the HTTP layer's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fake_core import FakeCore
from http_serving import Serve, serving


@pytest.fixture
def serve() -> Serve:
    return serving


@pytest.fixture
def core() -> FakeCore:
    return FakeCore()


@pytest.fixture
async def http(core: FakeCore) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(core) as client:
        yield client

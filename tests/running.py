"""Running `souk` commands and the application as a user would, on the indexes of a fixture."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from api.bootstrap import build_searcher
from api.http.app import create_app
from stack.embedding import Encoder
from stack.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """What a `souk` command started by a test needs to see the same indexes."""
    mine = {
        "SOUK_OPENSEARCH_URL": str(settings.opensearch_url),
        "SOUK_INDEX_PREFIX": settings.index_prefix,
        "SOUK_STATE_DIR": str(settings.state_dir),
        "SOUK_CACHE_DIR": str(settings.cache_dir),
        "SOUK_PUBLISHED_DIR": str(settings.published),
        "SOUK_MEDIA_DIR": str(settings.media),
        "SOUK_LANGUAGES": ",".join(settings.languages),
        "SOUK_DRAIN_S": "0",
        "HF_HUB_OFFLINE": "1",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")} | mine


def run_souk(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a `souk` command that must end well."""
    command = [sys.executable, "-m", "souk", *arguments]
    done = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"souk {' '.join(arguments)}: {done.stderr[-2000:]}"
    return done


@asynccontextmanager
async def app_client(settings: Settings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real application over the real engine, between its start and its end, without a port."""
    app = create_app(lambda: build_searcher(settings, encoder), settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
    ):
        yield client

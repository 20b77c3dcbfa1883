"""Running `souk` commands and the application as a user would, on the indexes of a fixture."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from api.bootstrap import build_searcher
from api.http.app import create_app
from stack.documents import DOCUMENT_KINDS
from stack.embedding import Encoder
from stack.settings import ROOT, Settings


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


@contextmanager
def short_lived_engines() -> Iterator[None]:
    """Engines started within do without the second compiler, which costs a node of a minute more than it gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENSEARCH_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
        yield


def mappings_of_documents(folder: Path) -> Path:
    """A copy of `mappings/` with the indexes of documents alone: each one less spares the engine a dozen changes of its
    state, which three nodes feel."""
    mappings = Path(shutil.copytree(ROOT / "mappings", folder / "mappings"))
    for file in (mappings / "indexes").glob("*.json"):
        if file.stem.removesuffix("s") not in DOCUMENT_KINDS:
            file.unlink()
    return mappings


@asynccontextmanager
async def app_client(settings: Settings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real application over the real engine, between its start and its end, without a port."""
    app = create_app(lambda: build_searcher(settings, encoder), settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
    ):
        yield client

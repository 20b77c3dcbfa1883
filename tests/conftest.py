"""The fixtures of the run: one real engine, and a set of indexes of its own for each purpose.

`SOUK_TEST_OPENSEARCH_URL` runs the same tests on a cluster that is already there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opensearchpy import OpenSearch
from running import environment, run_souk

from stack import node
from stack.apply import apply, plan
from stack.capabilities import read_capabilities
from stack.client import connect
from stack.embedding import Encoder, load_encoder
from stack.embedding.encoder import read_card
from stack.node.launch import free_port
from stack.settings import Settings, load_settings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

os.environ["HF_HUB_OFFLINE"] = "1"
for name in [
    name for name in os.environ if name.startswith("SOUK_") and name not in ("SOUK_CACHE_DIR", "SOUK_JAVA_HOME")
]:
    if not name.startswith("SOUK_TEST_"):
        del os.environ[name]


@pytest.fixture(scope="session")
def run_settings() -> Iterator[Settings]:
    """Settings that point at the run's engine; the engine ends with the run."""
    folder = Path(tempfile.mkdtemp(prefix="souk-test-"))
    folder.chmod(0o755)  # under root the engine runs as another user
    url = os.environ.get("SOUK_TEST_OPENSEARCH_URL")
    if url:
        yield load_settings(opensearch_url=url, state_dir=folder / "state")
    else:
        own = load_settings(engine_port=free_port(), engine_heap="1g", state_dir=folder / "state")
        state = node.start(own, say=print)
        yield own.model_copy(update={"opensearch_url": state.url})
        node.stop(own, print)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def make_indexes(run_settings: Settings) -> Iterator[Callable[..., Settings]]:
    """`make_indexes("name", **settings)` applies `mappings/` under a prefix of its own; all are deleted at the end.

    The prefix names the process too: two runs on one cluster do not delete each other's.
    """
    made: list[Settings] = []

    def make(name: str, **changes: object) -> Settings:
        settings = run_settings.model_copy(update={"index_prefix": f"test-{os.getpid()}-{name}", **changes})
        with connect(settings) as client:
            apply(client, plan(client, settings, read_card(settings), read_capabilities(client)))
        made.append(settings)
        return settings

    yield make
    for settings in made:
        with connect(settings) as client:
            client.indices.delete(index=f"{settings.index_prefix}-*", ignore=[404])
            client.indices.delete_index_template(name=f"{settings.index_prefix}-*", ignore=[404])
            client.cluster.delete_component_template(name=f"{settings.index_prefix}-*", ignore=[404])
            client.ingest.delete_pipeline(id=f"{settings.index_prefix}-*", ignore=[404])


@pytest.fixture(scope="session")
def settings(make_indexes: Callable[..., Settings]) -> Settings:
    """Empty indexes on the run's engine, for tests that write."""
    return make_indexes("write")


@pytest.fixture(scope="session")
def engine_settings(settings: Settings) -> Settings:
    """The same, by the name that says that there is an engine."""
    return settings


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[OpenSearch]:
    """A client of the run's engine."""
    with connect(settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def encoder(run_settings: Settings) -> Encoder:
    """The real, bundled model."""
    return load_encoder(run_settings)


@pytest.fixture(scope="session")
def souk_env(settings: Settings) -> dict[str, str]:
    """The environment of `souk` commands on the indexes of `settings`."""
    return environment(settings)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; a test that needs it is skipped where it is not."""
    if not SHARED.is_dir():
        pytest.skip("the real data (../shared/data) is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def market_settings(make_indexes: Callable[..., Settings], run_settings: Settings) -> Settings:
    """Indexes that hold a small generated market, made and ingested by the commands that a user would run."""
    folder = run_settings.state_dir.parent / "market"
    settings = make_indexes("market", media_dir=folder / "media")
    run_souk(settings, "market", "generate", "--out", str(folder), "--size", "small")
    for kind in ("products", "videos", "lives", "sellers", "creators"):
        run_souk(settings, "ingest", kind, str(folder / f"{kind}.jsonl"))
    return settings


@pytest.fixture(scope="session")
def live_server(market_settings: Settings) -> Iterator[str]:
    """The address of a `souk serve` over the generated market."""
    port = free_port()
    command = [sys.executable, "-m", "souk", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, env=environment(market_settings), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "souk serve ended at start"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("souk serve was not ready within 60 s")

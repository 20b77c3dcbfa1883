"""`souk ingest` as a user runs it, on the real engine: killed, repeated, refused, held up."""

from __future__ import annotations

import contextlib
import gzip
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from opensearchpy import OpenSearch

from stack.embedding.stored import WITH_VECTOR, vector_of
from stack.settings import Settings

pytestmark = pytest.mark.engine
COMMAND = [sys.executable, "-c", "from souk import main; main()", "ingest"]
TIME = "2024-05-01T00:00:00Z"


class Souk:
    """Runs `souk ingest` with a state folder of its own."""

    def __init__(self, env: dict[str, str], state: Path) -> None:
        self.state = state
        self.env = env | {"SOUK_STATE_DIR": str(state)}

    def start(self, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        command = [*COMMAND, *map(str, arguments)]
        env = self.env | variables
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def run(self, *arguments: str | Path, **variables: str) -> tuple[int, dict[str, Any]]:
        """(exit code, the summary; with `message`, the last line of standard error)."""
        _, errors = (process := self.start(*arguments, **variables)).communicate(timeout=120)
        return process.returncode, last_event(errors)


def last_event(errors: str) -> dict[str, Any]:
    lines = errors.strip().splitlines() or [""]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    summaries = [event for event in events if event["event"] == "summary"]
    return (summaries[-1] if summaries else {}) | {"message": lines[-1]}


@pytest.fixture
def souk(souk_env: dict[str, str], tmp_path: Path) -> Souk:
    return Souk(souk_env, tmp_path / "state")


@pytest.fixture
def products(client: OpenSearch, engine_settings: Settings) -> Iterator[str]:
    """The alias of products, without the products of this test before and after it."""
    alias = engine_settings.alias("product")
    yield alias
    client.indices.refresh(index=alias)
    body = {"query": {"prefix": {"id": "test-"}}}
    client.delete_by_query(index=alias, body=body, params={"refresh": "true", "conflicts": "proceed"})


def shop(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    data = "".join(json.dumps({"updated_at": TIME} | row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def stored(client: OpenSearch, alias: str, prefix: str) -> dict[str, str]:
    """Id → content hash of what the index holds."""
    client.indices.refresh(index=alias)
    found: dict[str, str] = {}
    after: list[Any] = []
    while True:
        body: dict[str, Any] = {"query": {"prefix": {"id": prefix}}, "sort": [{"id": "asc"}], "size": 5000}
        hits = client.search(index=alias, body=body | ({"search_after": after} if after else {}))["hits"]["hits"]
        if not hits:
            return found
        found |= {hit["_id"]: hit["_source"]["content_hash"] for hit in hits}
        after = hits[-1]["sort"]


def rows(prefix: str, count: int) -> list[dict[str, Any]]:
    """Products; every hundredth is broken, and every tenth comes twice, the older one last."""
    made = []
    for number in range(count):
        row = {"id": f"{prefix}{number}", "title": "" if number % 100 == 55 else f"Lamp {number}", "brand": "Acme"}
        made.append(row)
        if number % 10 == 0:
            made.append(row | {"title": f"Old lamp {number}", "updated_at": "2020-01-01T00:00:00Z"})
    return made


def test_a_second_run_changes_nothing(souk: Souk, client: OpenSearch, products: str, tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.jsonl.gz", rows("test-twice-", 300))
    code, first = souk.run("products", file, "--no-embed")
    assert (code, first["written"], first["refused"]) == (1, 297, 3)
    before = client.indices.stats(index=products)["_all"]["primaries"]["indexing"]["index_total"]
    code, second = souk.run("products", file, "--no-embed")
    assert (code, second["written"], second["unchanged"]) == (1, 0, 297)
    assert client.indices.stats(index=products)["_all"]["primaries"]["indexing"]["index_total"] == before


def test_vectors_are_stored_and_computed_once(souk: Souk, client: OpenSearch, products: str, tmp_path: Path) -> None:
    file = shop(
        tmp_path / "shop.jsonl", [{"id": f"test-vector-{number}", "title": f"Lamp {number}"} for number in range(5)]
    )
    assert souk.run("products", file, "--no-embed")[1]["written"] == 5
    code, done = souk.run("products", file)
    assert (code, done["written"], done["vectors_computed"] + done["vectors_cached"]) == (0, 5, 5)
    client.indices.refresh(index=products)
    body = {"query": {"ids": {"values": ["test-vector-3"]}}} | WITH_VECTOR
    vector = vector_of(client.search(index=products, body=body)["hits"]["hits"][0])
    assert vector is not None
    assert sum(number * number for number in vector) == pytest.approx(1, abs=1e-4)
    code, again = souk.run("products", file)
    assert (again["written"], again["unchanged"], again["vectors_computed"]) == (0, 5, 0)


def test_a_killed_run_resumes_to_the_state_of_an_unbroken_one(
    souk: Souk, client: OpenSearch, products: str, tmp_path: Path
) -> None:
    """Killed three times with kill -9 on its way, wherever it happens to be."""
    whole = shop(tmp_path / "whole.jsonl", rows("test-whole-", 6000))
    killed = shop(tmp_path / "killed.jsonl", rows("test-killed-", 6000))
    code, unbroken = souk.run("products", whole, "--no-embed")
    dead = tmp_path / "dead.jsonl"
    options = ["products", killed, "--no-embed", "--batch", "50", "--dead-letters", dead]
    for share in (1, 2, 3):
        process = souk.start(*options, *(["--resume"] if share > 1 else []))
        _wait_for(souk, share * 1200, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    code, resumed = souk.run(*options, "--resume")
    assert code == 1
    assert resumed["resumed_at"] > 0
    assert (resumed["read"], resumed["refused"]) == (unbroken["read"], unbroken["refused"])
    expected = {id_.replace("whole", "killed") for id_ in stored(client, products, "test-whole-")}
    assert set(stored(client, products, "test-killed-")) == expected
    titles = client.mget(index=products, body={"ids": ["test-killed-0", "test-killed-5990"]})["docs"]
    assert [document["_source"]["title"] for document in titles] == ["Lamp 0", "Lamp 5990"]
    letters = [json.loads(line)["line"] for line in dead.read_text().splitlines()]
    assert letters == sorted(set(letters))
    assert len(letters) == resumed["refused"]


def _wait_for(souk: Souk, records: int, process: subprocess.Popen[str]) -> None:
    """Until the checkpoint says that so many records are dealt with: asking the engine takes longer than the rest."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if _mark(souk.state / "checkpoints.sqlite") >= records:
            return
        time.sleep(0.005)
    pytest.fail(f"the run ended before it could be killed: {process.communicate()[1][-500:]}")


def _mark(file: Path) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
            return int(opened.execute("SELECT max(ordinal) FROM runs").fetchone()[0] or 0)
    except sqlite3.OperationalError:  # not made yet, or just being written
        return 0


def test_an_interrupted_run_saves_and_resumes(souk: Souk, client: OpenSearch, products: str, tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.jsonl", rows("test-stop-", 6000))
    process = souk.start("products", file, "--no-embed", "--batch", "50")
    _wait_for(souk, 500, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert last_event(errors)["ending"] == "interrupted"
    code, resumed = souk.run("products", file, "--no-embed", "--resume")
    assert (code, resumed["resumed_at"] > 0) == (1, True)
    assert len(stored(client, products, "test-stop-")) == 5940


def test_an_older_record_never_replaces_a_newer_one(
    souk: Souk, client: OpenSearch, products: str, tmp_path: Path
) -> None:
    new = shop(tmp_path / "new.jsonl", [{"id": "test-age", "title": "New"}])
    old = shop(tmp_path / "old.jsonl", [{"id": "test-age", "title": "Old", "updated_at": "2020-01-01T00:00:00Z"}])
    souk.run("products", new, "--no-embed")
    code, done = souk.run("products", old, "--no-embed")
    assert (code, done["stale"], done["written"]) == (0, 1, 0)
    assert client.get(index=products, id="test-age")["_source"]["title"] == "New"


def test_what_the_engine_refuses_goes_to_the_dead_letters(
    souk: Souk, client: OpenSearch, products: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pipeline = {"processors": [{"fail": {"if": "ctx.title == 'Bad'", "message": "not today"}}]}
    client.ingest.put_pipeline(id="test-refusing", body=pipeline)
    client.indices.put_settings(index=products, body={"index.final_pipeline": "test-refusing"})
    request.addfinalizer(lambda: client.ingest.delete_pipeline(id="test-refusing"))
    request.addfinalizer(lambda: client.indices.put_settings(index=products, body={"index.final_pipeline": "_none"}))
    many = [{"id": "test-good", "title": "Good"}, {"id": "test-bad", "title": "Bad"}]
    file, dead = shop(tmp_path / "shop.jsonl", many), tmp_path / "dead.jsonl"
    code, done = souk.run("products", file, "--no-embed", "--dead-letters", dead)
    assert (code, done["written"], done["refused"]) == (1, 1, 1), done
    letter = json.loads(dead.read_text())
    assert (letter["line"], letter["data"]["id"], letter["reasons"][0]["field"]) == (2, "test-bad", "engine")
    assert "not today" in letter["detail"]


class Obstacle(ThreadingHTTPServer):
    """Stands before the engine: answers the first `times` bulk requests with `status`, passes the others on."""

    daemon_threads = True

    def __init__(self, engine: str, status: int, times: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.engine = urlsplit(engine)
        self.status, self.times, self.refused = status, times, 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Passing(BaseHTTPRequestHandler):
    server: Obstacle
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        obstacle = self.server
        if "_bulk" in self.path and obstacle.refused < obstacle.times:
            obstacle.refused += 1
            self._answer(obstacle.status, "application/json", b'{"error":{"type":"busy","reason":"busy"},"status":429}')
            return
        to_engine = HTTPConnection(obstacle.engine.hostname or "", obstacle.engine.port, timeout=30)
        to_engine.request(self.command, self.path, body or None, {"content-type": "application/json"})
        answer = to_engine.getresponse()
        self._answer(answer.status, answer.headers.get("content-type", ""), answer.read())
        to_engine.close()

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = _pass

    def log_message(self, format: str, *args: Any) -> None:
        """No log."""


@contextmanager
def obstacle(engine: str, status: int, times: int) -> Iterator[Obstacle]:
    server = Obstacle(engine, status, times)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_engine_is_waited_for(
    souk: Souk, client: OpenSearch, products: str, tmp_path: Path, status: int
) -> None:
    file = shop(
        tmp_path / "shop.jsonl", [{"id": f"test-busy-{status}-{number}", "title": "Lamp"} for number in range(90)]
    )
    with obstacle(souk.env["SOUK_OPENSEARCH_URL"], status, 3) as server:
        code, done = souk.run("products", file, "--no-embed", "--batch", "30", SOUK_OPENSEARCH_URL=server.url)
        assert (code, done["written"], server.refused) == (0, 90, 3), done
    assert len(stored(client, products, f"test-busy-{status}-")) == 90


def test_an_engine_that_stays_away_ends_the_run_which_can_be_resumed(
    souk: Souk, client: OpenSearch, products: str, tmp_path: Path
) -> None:
    file = shop(tmp_path / "shop.jsonl", [{"id": f"test-away-{number}", "title": "Lamp"} for number in range(90)])
    with obstacle(souk.env["SOUK_OPENSEARCH_URL"], 503, 10_000) as server:
        code, done = souk.run(
            "products", file, "--no-embed", "--retry-for", "0.5", "--log", "json", SOUK_OPENSEARCH_URL=server.url
        )
        assert code == 2
        assert done["message"].startswith("souk: ")
        assert "--resume" in done["message"]
        assert "Traceback" not in done["message"]
    code, done = souk.run("products", file, "--no-embed", "--resume")
    assert (code, done["written"]) == (0, 90)


def test_standard_input_in_a_pipe(souk: Souk, client: OpenSearch, products: str, tmp_path: Path) -> None:
    data = gzip.compress(b"sku;name;cost\ntest-pipe;Desk lamp;1.299,00 EUR\n")
    options = ["--map", "id=sku", "--map", "title=name", "--map", "price=cost", "--set", "brand=Acme", "--no-embed"]
    done = subprocess.run(
        [*COMMAND, "products", "-", *options], input=data, capture_output=True, env=souk.env, check=False
    )
    assert done.returncode == 0, done.stderr
    source = client.get(index=products, id="test-pipe")["_source"]
    assert (source["title"], source["price"], source["currency"], source["brand"]) == ("Desk lamp", 1299, "EUR", "Acme")


def test_a_dry_run_needs_no_engine(souk: Souk, tmp_path: Path) -> None:
    file = shop(tmp_path / "shop.jsonl", rows("test-dry-", 150))
    process = souk.start("products", file, "--dry-run", SOUK_OPENSEARCH_URL="http://127.0.0.1:9", SOUK_MODEL="/nowhere")
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert json.loads(shown)["id"] == "test-dry-0"
    assert last_event(errors)["valid"] == 164
    assert not souk.state.exists()


def test_no_index_no_run(souk: Souk, products: str, tmp_path: Path) -> None:
    code, done = souk.run("products", shop(tmp_path / "s.jsonl", []), "--no-embed", SOUK_INDEX_PREFIX="nothing-here")
    assert code == 2
    assert "souk apply" in done["message"]

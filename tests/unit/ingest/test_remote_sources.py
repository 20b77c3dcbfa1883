"""Sources at an address, from a real HTTP server on the loopback: broken off, busy, changed, and told without secrets.

S3 itself is not at hand; what is not HTTP is read from fsspec's own memory file system, the same road but for s3fs.
"""

from __future__ import annotations

import gzip
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import fsspec
import pyarrow
import pytest
from fsspec.registry import _registry

from ingest import remote
from ingest.columns import Columns
from ingest.reading import Reading
from ingest.record import Batch, Position
from ingest.sources import find_sources, run_identity
from stack.errors import ConfigError, InputError

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ROWS = b"".join(b'{"id":"p%d","title":"Lamp %d"}\n' % (number, number) for number in range(5_000))


class Shop(BaseHTTPRequestHandler):
    """Serves `body`. `cuts` are numbers of bytes after which an answer breaks off, `busy` how often it answers 503."""

    body = ROWS
    etag = '"one"'
    ranges = True
    cuts: ClassVar[list[int]] = []
    busy = 0
    asked: ClassVar[list[tuple[str, str, str]]] = []

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        shop = type(self)
        shop.asked.append((self.command, self.headers.get("Range", ""), self.headers.get("Authorization", "")))
        if "missing" in self.path or shop.busy:
            shop.busy -= "missing" not in self.path
            self.send_error(404 if "missing" in self.path else 503)
            return
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(start[1]) if start and shop.ranges else 0
        body = shop.body[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", shop.etag)
        self.send_header("Last-Modified", "Sat, 01 Jan 2028 00:00:00 GMT")
        self.end_headers()
        if with_body:
            self.wfile.write(body[: shop.cuts.pop(0)] if shop.cuts else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Shop], str]]:
    """A server of its own, and the address of its catalogue."""
    monkeypatch.setattr(remote, "wait_random_exponential", lambda **_: lambda _: 0.01)
    mine = type("Mine", (Shop,), {"cuts": [], "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), mine)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield mine, f"http://127.0.0.1:{server.server_port}/all.jsonl"
    server.shutdown()
    server.server_close()


def reading(address: str) -> Reading:
    made = Reading("product", find_sources([address], NOW), "auto", Columns(), now=NOW)
    made.check()
    return made


def ids(made: Reading, start: Position | None = None) -> list[str]:
    return [item.document.id for batch in made.batches(start or Position()) for item in batch.items]


WHOLE = [f"p{number}" for number in range(5_000)]


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd"])
def test_a_catalogue_is_read_from_a_server(shop: tuple[type[Shop], str], form: str) -> None:
    server, address = shop
    pack = {"plain": bytes, "gzip": gzip.compress, "zstd": pyarrow.Codec("zstd").compress}[form]
    server.body = bytes(pack(ROWS))
    made = reading(address)
    assert ids(made) == WHOLE
    assert made.bytes_total == made.bytes_read == len(server.body)
    (source,) = made.sources
    assert source.modified == datetime(2028, 1, 1, tzinfo=UTC)
    assert ids(reading(address), Position(0, 4_990)) == WHOLE[4_990:]  # a resume


@pytest.mark.parametrize("ranges", [True, False])
def test_what_breaks_off_goes_on_where_it_ended(shop: tuple[type[Shop], str], ranges: bool) -> None:
    server, address = shop
    server.body = ROWS * 4
    made = remote.RemoteFile(remote.find_remote(address))
    server.ranges, server.cuts = ranges, [300_000, 10, 200_000]
    assert b"".join(iter(lambda: made.read1(1 << 14), b"")) == server.body
    made.close()
    assert sum(bool(asked[1]) for asked in server.asked) >= 2


def test_a_busy_server_is_asked_again_and_not_forever(shop: tuple[type[Shop], str]) -> None:
    server, address = shop
    server.busy = 3
    assert ids(reading(address)) == WHOLE
    server.busy = 100
    with pytest.raises(InputError, match="answers 503; gave up after 5 tries"):
        reading(address)


def test_a_source_that_stays_broken_ends_the_run_for_a_resume(shop: tuple[type[Shop], str]) -> None:
    server, address = shop
    made = reading(address)
    server.cuts = [25_000] + [0] * 20
    with pytest.raises(InputError, match=r"(ends after|cannot be reached).*gave up") as caught:
        ids(made)
    assert "--resume" in caught.value.remedy


def test_a_source_that_changes_while_it_is_read_is_refused(shop: tuple[type[Shop], str]) -> None:
    server, address = shop
    made = reading(address)
    batches = made.batches(Position())
    first = next(batches)
    server.etag = '"two"'
    rest: list[Batch] = []
    with pytest.raises(InputError, match="changed while it was read"):
        rest.extend(batches)
    assert first.counts.read == 500
    server.cuts, server.etag = [25_000], '"three"'
    broken = reading(address)
    server.etag = '"four"'
    with pytest.raises(InputError, match="changed while it was read"):
        ids(broken)


def test_a_run_is_known_by_the_source_as_it_is(shop: tuple[type[Shop], str]) -> None:
    server, address = shop
    first = run_identity(find_sources([address], NOW))
    assert first == run_identity(find_sources([address], NOW))
    server.etag = '"two"'
    assert run_identity(find_sources([address], NOW)) not in (first, None)


def test_credentials_are_sent_and_never_told(shop: tuple[type[Shop], str], caplog: pytest.LogCaptureFixture) -> None:
    server, address = shop
    caplog.set_level("DEBUG")
    secret = address.replace("http://", "http://ali:baba@") + "?X-Amz-Signature=sesame"
    made = reading(secret)
    assert ids(made) == WHOLE
    assert all(asked[2] == "Basic YWxpOmJhYmE=" for asked in server.asked)
    with pytest.raises(InputError) as caught:
        find_sources([secret.replace("all", "missing")], NOW)
    told = f"{[source.name for source in made.sources]} {caught.value}"
    assert "no such file" in told
    assert not any(word in told for word in ("baba", "sesame"))
    ours = [record for record in caplog.records if record.name.startswith(("ingest", "stack", "souk"))]
    assert not any("baba" in record.getMessage() or "sesame" in record.getMessage() for record in ours)


def test_nobody_there(shop: tuple[type[Shop], str]) -> None:
    with pytest.raises(InputError, match=r"http://127.0.0.1:9/x: cannot be reached \(ClientConnectorError\)"):
        find_sources(["http://127.0.0.1:9/x"], NOW)


def test_other_file_systems_of_fsspec() -> None:
    system = fsspec.filesystem("memory")
    system.pipe("/shop/all.jsonl.gz", gzip.compress(ROWS))
    try:
        assert ids(reading("memory://shop/all.jsonl.gz")) == WHOLE
    finally:
        system.rm("/shop", recursive=True)


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(_registry, "s3", raising=False)
    with pytest.raises(ConfigError, match="a library to read s3:// is not installed") as caught:
        find_sources(["s3://bucket/all.jsonl"], NOW)
    assert caught.value.remedy == "pip install 'souk[s3]'"
    with pytest.raises(InputError, match="foo:// is no kind of source"):
        find_sources(["foo://bucket/all.jsonl"], NOW)

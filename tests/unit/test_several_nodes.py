"""A cluster of several addresses: how they are written, and what a client does when one of them is away or hangs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opensearchpy.exceptions import ConnectionTimeout, TransportError

from ingest.patience import worth_a_retry
from stack.client import connect, connect_async, engine_url, engine_urls, shown_url
from stack.embedding.encoder import read_card
from stack.errors import ConfigError
from stack.mappings import render
from stack.node.launch import free_port
from stack.settings import Settings, load_settings

TWO = "https://a.example:9200, https://b.example/os/ ,https://a.example:9200"


def test_addresses_are_separated_by_commas() -> None:
    settings = load_settings(opensearch_url=TWO)
    assert engine_urls(settings) == ("https://a.example:9200", "https://b.example/os")
    assert load_settings(opensearch_url=engine_url(settings)) == settings
    assert shown_url(engine_url(settings)) == "https://a.example:9200, https://b.example/os"


@pytest.mark.parametrize("url", ["https://a.example,", "https://a.example,b.example", "https://a b.example", ",", "a"])
def test_each_address_is_checked(url: str) -> None:
    with pytest.raises(ConfigError, match="write an address like"):
        load_settings(opensearch_url=url)


def test_a_password_in_any_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="without user and password") as raised:
        load_settings(opensearch_url="https://a.example,https://me:secret@b.example")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("replicas", "expected"), [(None, (0, "0-1")), (0, (0, "false")), (2, (2, "false"))])
def test_the_engine_chooses_replicas_where_nobody_did(replicas: int | None, expected: tuple[int, str]) -> None:
    settings = Settings(replicas=replicas)
    resources = render(settings, read_card(settings))
    (component,) = (each for each in resources if each.name == "souk-settings")
    index = component.body["template"]["settings"]["index"]
    assert (index["number_of_replicas"], index["auto_expand_replicas"]) == expected


class Answering(BaseHTTPRequestHandler):
    """A node that answers everything with an empty object."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def answering() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def hanging() -> Iterator[str]:
    """A node whose connections open and stay silent, as those of a stopped process do."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def of(*urls: str) -> Settings:
    return Settings(opensearch_url=",".join(urls), state_dir=Path("/nowhere"))


def test_a_node_that_is_gone_is_passed_over() -> None:
    with answering() as good, connect(of(f"http://127.0.0.1:{free_port()}", good)) as client:
        for _ in range(20):
            assert client.transport.perform_request("GET", "/") == {}


def test_who_writes_comes_to_another_node_after_one_that_hung() -> None:
    with answering() as good, hanging() as bad, connect(of(bad, good)) as client:
        late = 0
        for _ in range(10):
            try:
                assert client.transport.perform_request("GET", "/", params={"request_timeout": 0.2}) == {}
            except ConnectionTimeout:  # told, not sent again unasked: it may have been done
                late += 1
        assert late == 1


async def test_a_search_that_a_hanging_node_keeps_is_sent_to_another() -> None:
    with answering() as good, hanging() as bad:
        async with connect_async(of(bad, good)) as client:
            started = time.monotonic()
            for _ in range(20):
                params = {"request_timeout": 0.4}
                assert await client.transport.perform_request("GET", "/", params=params) == {}
            assert time.monotonic() - started < 1.0  # it rests for a second after the first time


async def test_a_lone_node_gets_all_the_time() -> None:
    with hanging() as bad:
        async with connect_async(of(bad)) as client:
            started = time.monotonic()
            with pytest.raises(ConnectionTimeout):
                await client.transport.perform_request("GET", "/", params={"request_timeout": 0.2})
            assert 0.2 <= time.monotonic() - started < 0.4  # all of it, once


@pytest.mark.parametrize(
    ("status", "reason", "waits"),
    [
        (503, "blocked by: [SERVICE_UNAVAILABLE/2/no cluster-manager];", True),  # another is elected in seconds
        (503, "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];", True),
        (429, "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark];", False),
    ],
)
def test_writes_wait_for_a_cluster_manager_but_not_for_a_disk(status: int, reason: str, waits: bool) -> None:
    info = {"error": {"type": "cluster_block_exception", "reason": reason}}
    assert worth_a_retry(TransportError(status, "cluster_block_exception", info)) is waits

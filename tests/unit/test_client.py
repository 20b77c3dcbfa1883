"""Errors of the engine's client become ours: what happened, what to do, and never a password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    RequestError,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as EngineConnectionError
from opensearchpy.exceptions import (
    NotFoundError as EngineNotFound,
)

from stack.client import connect, connect_async, engine_errors, shown_url, translate
from stack.errors import ConfigError, EngineError, EngineUnavailableError, NotFoundError, SoukError
from stack.node.launch import free_port
from stack.settings import Settings


def body(kind: str, reason: str, **more: Any) -> dict[str, Any]:
    cause = {"type": kind, "reason": reason, **more}
    return {"error": {**cause, "root_cause": [cause]}, "status": 400}


MISSING = body("index_not_found_exception", "no such index [souk-products]")
BLOCKED = body(
    "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage]"
)
DEEP = body("query_shard_exception", "failed to create query", caused_by={"caused_by": {"reason": "field [a] is odd"}})
REFUSED_SYNC = "HTTPConnection(host='10.0.0.1', port=9200): Failed to establish a new connection"
REFUSED_ASYNC = "Cannot connect to host 10.0.0.1:9200 ssl:default [Connect call failed]"


@pytest.mark.parametrize(
    ("error", "expected", "message", "remedy"),
    [
        (EngineConnectionError("N/A", REFUSED_SYNC, OSError()), EngineUnavailableError, "10.0.0.1:9200", "souk up"),
        (EngineConnectionError("N/A", REFUSED_ASYNC, OSError()), EngineUnavailableError, "10.0.0.1:9200", "souk up"),
        (ConnectionTimeout("TIMEOUT", "", OSError()), EngineUnavailableError, "did not answer in time", "try again"),
        (SSLError("N/A", "self-signed", OSError()), EngineError, "not trusted", "SOUK_OPENSEARCH_CA"),
        (
            EngineConnectionError("N/A", "host 10.0.0.1:9200 [CERTIFICATE_VERIFY_FAILED]", OSError()),
            EngineError,
            "not trusted",
            "SOUK_OPENSEARCH_CA",
        ),
        (AuthenticationException(401, "Unauthorized", ""), EngineError, "401", "SOUK_OPENSEARCH_PASSWORD"),
        (AuthorizationException(403, "security_exception", body("s", "no rights")), EngineError, "no rights", "rights"),
        (AuthorizationException(403, "cluster_block_exception", BLOCKED), EngineError, "flood-stage", "Free disk"),
        (TransportError(429, "cluster_block_exception", BLOCKED), EngineError, "flood-stage", "Free disk"),
        (
            TransportError(429, "rejected", body("rejected", "queue full")),
            EngineUnavailableError,
            "queue full",
            "again",
        ),
        (TransportError(503, "x", {}), EngineUnavailableError, "503", "again"),
        (EngineNotFound(404, "index_not_found_exception", MISSING), NotFoundError, "souk-products", "souk apply"),
        (EngineNotFound(404, "alias", {"error": "alias [a] missing"}), NotFoundError, "alias [a]", "souk apply"),
        (RequestError(400, "x", DEEP), EngineError, "failed to create query: field [a] is odd", ""),
        (RequestError(400, "bare", "not json"), EngineError, "bare", ""),
        (SerializationError("bad", ValueError()), EngineError, "SerializationError", ""),
    ],
)
def test_translated(error: Exception, expected: type[SoukError], message: str, remedy: str) -> None:
    found = translate(error)
    assert type(found) is expected
    assert message in found.message
    assert remedy in found.remedy


def test_a_missing_document_is_not_blamed_on_the_indexes() -> None:
    found = translate(EngineNotFound(404, "", {"_index": "souk-products-000001", "_id": "1", "found": False}))
    assert isinstance(found, NotFoundError)
    assert "souk apply" not in str(found)


def test_ours_pass_through_and_others_are_left_alone() -> None:
    ours = ConfigError("x")
    assert translate(ours) is ours
    with pytest.raises(ConfigError), engine_errors():
        raise ours
    with pytest.raises(KeyError), engine_errors():
        raise KeyError("a bug is not an error of the engine")


@pytest.fixture
def nowhere() -> Settings:
    """A cluster that is not there, with a password."""
    return Settings(
        opensearch_url=f"http://127.0.0.1:{free_port()}",
        opensearch_user="someone",
        opensearch_password="hidden",
    )


def test_a_cluster_that_is_gone(nowhere: Settings) -> None:
    with connect(nowhere) as client, pytest.raises(EngineUnavailableError) as raised, engine_errors():
        client.info()
    assert "hidden" not in str(raised.value)
    assert "127.0.0.1:" in raised.value.message


async def test_a_cluster_that_is_gone_async(nowhere: Settings) -> None:
    async with connect_async(nowhere, pool=2) as client:
        with pytest.raises(EngineUnavailableError) as raised, engine_errors():
            await client.info()
    assert "hidden" not in str(raised.value)
    assert "127.0.0.1:" in raised.value.message


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@search.example:9200/os", "https://search.example:9200/os"),
        ("https://souk:p@ss@search.example", "https://search.example"),
        ("http://127.0.0.1:9200", "http://127.0.0.1:9200"),
        ("https://search.example/a@b", "https://search.example/a@b"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(("url", "compress"), [("http://127.0.0.1:9200", False), ("https://search.example", True)])
def test_gzip_only_over_a_network(url: str, compress: bool, tmp_path: Path) -> None:
    client = connect(Settings(opensearch_url=url, state_dir=tmp_path))
    assert client.transport.get_connection().http_compress is compress

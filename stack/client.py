"""The engine's client, and its errors in our own tree.

`connect` and `connect_async` are the only places that make a client; `engine_errors` the only way its exceptions leave.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import orjson
from opensearchpy import AsyncOpenSearch, OpenSearch, helpers
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as EngineConnectionError
from opensearchpy.exceptions import NotFoundError as EngineNotFoundError
from opensearchpy.serializer import JSONSerializer

from stack.docker_engine.state import read_state as read_container
from stack.errors import EngineError, EngineUnavailableError, NotFoundError, SoukError
from stack.node.state import load_nodes, process_of
from stack.pool import NodePool, NodeTransport, SearchTransport
from stack.settings import Settings

TIMEOUT_S = 60.0  # a bulk of 500 documents with vectors on a busy node; searches pass their own deadline
POOL = 16
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
BUSY = frozenset({429, 502, 503, 504})

# The client logs a warning with a traceback for every failure that it also raises; once is enough.
logging.getLogger("opensearch").setLevel(logging.ERROR)


class OrjsonReader(JSONSerializer):
    """Reads answers with orjson, five times as fast as the client's own way: 200 candidates are 100 kB."""

    def loads(self, s: str) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise SerializationError(s, error) from error


def engine_urls(settings: Settings) -> tuple[str, ...]:
    """The nodes of the cluster of the settings, else of the local engine that runs, else where it would be."""
    if settings.opensearch_url:
        return tuple(settings.opensearch_url.split(","))
    nodes = load_nodes(settings)
    running = any(process_of(node) for node in nodes)
    # Those that are down too: they may be back while the client lives, and it passes over them until then.
    if running:
        return tuple(node.url for node in nodes)
    container = read_container(settings)
    return (container.url if container else f"http://127.0.0.1:{settings.engine_port}",)


def engine_url(settings: Settings) -> str:
    """The same as one text, as SOUK_OPENSEARCH_URL takes it: commas between the nodes."""
    return ",".join(engine_urls(settings))


def shown_url(url: str) -> str:
    """The addresses without a user and a password in them, for messages. A password may hold `@` itself."""
    return ", ".join(re.sub(r"(?<=://)[^/]*@", "", each) for each in re.split(r",(?=https?://)", url))


def connect(settings: Settings, pool: int = POOL) -> OpenSearch:
    """A client that holds `pool` connections. Nothing is sent yet."""
    return OpenSearch(**_options(settings), transport_class=NodeTransport, pool_maxsize=pool)


def connect_async(settings: Settings, pool: int = POOL) -> AsyncOpenSearch:
    """The same for asyncio, with at most `pool` requests a node at once. Close it with `await client.close()`.

    For searches: with several nodes one that is late at one is sent to another (`SearchTransport`).
    """
    return AsyncOpenSearch(**_options(settings), transport_class=SearchTransport, maxsize=pool)


def _options(settings: Settings) -> dict[str, Any]:
    urls = engine_urls(settings)
    options: dict[str, Any] = {
        "hosts": list(urls),
        "connection_pool_class": NodePool,
        "timeout": TIMEOUT_S,
        # On loopback it costs more than it saves.
        "http_compress": any(urlsplit(url).hostname not in LOOPBACK for url in urls),
        # For a kept connection that the engine closed, or a node that is gone: then at another. What is busy is retried
        # by who can wait.
        "max_retries": 1,
        "retry_on_status": (),
        "retry_on_timeout": False,  # the deadline is spent
        "serializers": {JSONSerializer.mimetype: OrjsonReader()},
        "verify_certs": True,
    }
    if settings.opensearch_user:
        password = settings.opensearch_password
        options["http_auth"] = (settings.opensearch_user, password.get_secret_value() if password else "")
    if settings.opensearch_ca:
        options["ca_certs"] = str(settings.opensearch_ca)
    return options


@contextmanager
def engine_errors() -> Iterator[None]:
    """Within it an exception of the client becomes one of ours. Fits around `await` too."""
    try:
        yield
    except OpenSearchException as error:
        raise translate(error) from error


def translate(error: Exception) -> SoukError:
    """The error of ours that tells a user what happened and what to do. Ours stay as they are."""
    if isinstance(error, SoukError):
        return error
    if isinstance(error, EngineConnectionError):
        return _unreachable(error)
    if isinstance(error, TransportError):
        return _refused(error)
    return EngineError(f"the engine's client failed: {type(error).__name__}: {error}")


def _unreachable(error: EngineConnectionError) -> EngineError:
    where, text = _address(error), f"{error.error} {error.info}"
    if isinstance(error, SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return EngineError(
            f"the certificate of the engine{where} is not trusted",
            "Set SOUK_OPENSEARCH_CA to the certificate file of its authority",
        )
    if isinstance(error, ConnectionTimeout):
        return EngineUnavailableError(
            f"the engine{where} did not answer in time", "It may be busy: try again, or look at souk status"
        )
    return EngineUnavailableError(
        f"the engine{where} cannot be reached", "Run souk up, or check SOUK_OPENSEARCH_URL and SOUK_ENGINE_PORT"
    )


def _address(error: EngineConnectionError) -> str:
    """` at 127.0.0.1:9200`, as urllib3 or aiohttp names it; empty where they do not."""
    found = re.search(r"host='([^']+)', port='?(\d+)|connect to host (\S+?):(\d+)", f"{error.error} {error.info}")
    host, port = [part for part in found.groups() if part] if found else ("", "")
    return f" at {host}:{port}" if host else ""


def _refused(error: TransportError) -> SoukError:
    kind, reason = engine_reason(error.info)
    reason = reason or str(error.error)
    if kind == "cluster_block_exception" and "FORBIDDEN/8/" in reason:
        return EngineError(f"the engine holds writes: {reason}", "souk reindex status says for whom, and what to do")
    if kind == "cluster_block_exception":  # 403 or 429 by version: the node's disk passed its flood stage
        return EngineError(
            f"the engine refuses writes: {reason}", "Free disk on the engine's machine; it unlocks by itself"
        )
    if isinstance(error, AuthenticationException | AuthorizationException):
        return EngineError(
            f"the engine refused us (HTTP {error.status_code}): {reason}",
            "Check SOUK_OPENSEARCH_USER and SOUK_OPENSEARCH_PASSWORD and that user's rights",
        )
    if error.status_code in BUSY:
        return EngineUnavailableError(
            f"the engine is busy or starting (HTTP {error.status_code}): {reason}", "Try again in a moment"
        )
    if isinstance(error, EngineNotFoundError):
        return _not_found(kind, reason)
    return EngineError(f"the engine refused the request (HTTP {error.status_code}): {reason}")


def _not_found(kind: str, reason: str) -> NotFoundError:
    if kind == "index_not_found_exception" or "alias" in reason:
        return NotFoundError(f"the engine has {reason}", "Run souk apply to make the indexes")
    return NotFoundError(f"the engine has no such thing: {reason}" if reason else "the engine has no such thing")


def scan_pages(client: OpenSearch, index: str, body: dict[str, Any], size: int) -> Iterator[list[dict[str, Any]]]:
    """All hits of a search as they are now, `size` at a time. A shard that fails ends it with an error."""
    hits = helpers.scan(client, index=index, query=body, size=size, scroll="5m")
    while page := list(islice(hits, size)):
        yield page


def documents_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of an `_mget`, in the order asked.

    It tells errors under status 200, a document each; a shard that cannot say is not a document that is not there.
    Raises NotFoundError when an index is gone, EngineUnavailableError otherwise.
    """
    documents: list[dict[str, Any]] = answer["docs"]
    for one in documents:
        if "error" not in one:
            continue
        kind, reason = engine_reason(one)
        if kind == "index_not_found_exception":
            raise NotFoundError(f"there is no index {one['_index']}", "Create it: souk apply")
        raise EngineUnavailableError(f"{one['_index']} cannot give a document: {reason}", "Look at souk status")
    return documents


def engine_reason(info: Any) -> tuple[str, str]:
    """(type, reason) from an error body: the root cause, and what caused it where that says more.

    `{"error": {"root_cause": [{"type": t, "reason": r}], "caused_by": …}}` → `(t, r)`; anything else → `("", "")`.
    """
    error = info.get("error") if isinstance(info, dict) else None
    if not isinstance(error, dict):
        return "", str(error or "")
    causes = error.get("root_cause") or [error]
    root = causes[0]
    reasons = [str(root.get("reason", "")), _deepest_cause(root) or _deepest_cause(error)]
    return str(root.get("type", "")), ": ".join(dict.fromkeys(reason for reason in reasons if reason))


def _deepest_cause(error: dict[str, Any]) -> str:
    cause = error.get("caused_by")
    while isinstance(cause, dict) and isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    return str(cause.get("reason") or "") if isinstance(cause, dict) else ""

"""Runs the application under uvicorn."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable

import uvicorn

from api.http.address import address_of
from api.http.app import create_app
from api.http.core import OpenSearcher
from stack.errors import ConfigError
from stack.settings import Settings

BACKLOG = 2048
CLOSING_S = 5


def run(settings: Settings, announce: Callable[[str], None], open_searcher: OpenSearcher | None = None) -> None:
    """Serve until stopped; `announce` gets the address once it answers.

    Raises ConfigError when the address cannot be had, and whatever SoukError opening the core raises.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    listener = listen(settings.api_host, settings.api_port)
    with listener:
        app = create_app(open_searcher or _bootstrap(settings), settings)
        config = uvicorn.Config(
            app,
            # We run the lifespan ourselves: uvicorn would print a stack trace where a SoukError has a plain message.
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CLOSING_S,
        )
        server = _Server(config, lambda: announce(address(listener)))

        async def main() -> None:
            async with app.router.lifespan_context(app):
                await server.serve(sockets=[listener])

        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(main())


class _Server(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await asyncio.to_thread(self._announce)  # opening a browser may block


def _bootstrap(settings: Settings) -> OpenSearcher:
    from api.bootstrap import build_searcher

    return lambda: build_searcher(settings)


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises ConfigError that says why there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return socket.create_server(found[0][4][:2], family=found[0][0], backlog=BACKLOG)
    except OSError as error:
        raise ConfigError(_reason(error, host, port), _remedy(error)) from error


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


def _remedy(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "Choose another with --port or SOUK_API_PORT, or stop what uses it"
    if error.errno == errno.EACCES:
        return "Ports below 1024 are for root; choose another with --port or SOUK_API_PORT"
    return "Choose another address with --host or SOUK_API_HOST"


def address(listener: socket.socket) -> str:
    """The address to open in a browser."""
    host, port = listener.getsockname()[:2]
    return address_of(host, port)

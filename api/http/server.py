"""Runs the application under uvicorn: one process, or several that share the port (`workers.py`)."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType

import uvicorn

from api import telemetry
from api.http import logs
from api.http.address import address_of
from api.http.app import create_app
from api.http.core import OpenSearcher
from api.http.event_routes import events_opener
from api.http.leaving import Leaving
from stack.errors import ConfigError
from stack.settings import Settings

BACKLOG = 2048
CLOSING_S = 5
"""What requests that run when the listener closes may still take."""


def run(settings: Settings, announce: Callable[[str], None], open_searcher: OpenSearcher | None = None) -> None:
    """Serve until stopped; `announce` gets the address once it answers.

    Raises ConfigError when the address cannot be had, and whatever SoukError opening the core raises.
    """
    from api.http.workers import supervise

    logs.configure(settings.log_format, settings.log_level)
    with listen(settings.api_host, settings.api_port) as listener:
        where = address(listener)
        if settings.api_workers > 1 and open_searcher is None:
            supervise(settings, listener, lambda: announce(where))
        else:
            serve_on(listener, settings, lambda: announce(where), open_searcher)


def serve_on(
    listener: socket.socket,
    settings: Settings,
    started: Callable[[], None],
    open_searcher: OpenSearcher | None = None,
    supervisor: Connection | None = None,
) -> None:
    """Serve on a listening socket in this process. Raises whatever SoukError opening the core raises.

    TERM: readiness goes, requests are taken for `drain_s` more, running ones are finished, then it returns. INT: the
    same without waiting, and KeyboardInterrupt. A second signal ends the process at once. With a `supervisor` its word
    counts as a signal, and so does its end; INT is left to it.
    """
    with telemetry.exporting(os.environ):
        events = None if open_searcher else events_opener(settings)
        app = create_app(open_searcher or _bootstrap(settings), settings, events)
        config = uvicorn.Config(
            app,
            # We run the lifespan ourselves: uvicorn would print a stack trace where a SoukError has a plain message.
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=CLOSING_S,
        )
        server = _Server(config, started, app.state.leaving, settings.drain_s, supervisor)

        async def main() -> None:
            async with app.router.lifespan_context(app):
                await server.serve(sockets=[listener])

        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(main())
        if server.interrupted:
            raise KeyboardInterrupt


class _Server(uvicorn.Server):
    """Says when it answers, and goes in steps when it is asked to."""

    def __init__(
        self,
        config: uvicorn.Config,
        started: Callable[[], None],
        leaving: Leaving,
        drain_s: float,
        supervisor: Connection | None,
    ) -> None:
        super().__init__(config)
        self._announce = started
        self._leaving = leaving
        self._drain_s = drain_s
        self._supervisor = supervisor
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._supervisor is not None:
            asyncio.get_running_loop().add_reader(self._supervisor.fileno(), self._obey)
        await asyncio.to_thread(self._announce)  # opening a browser may block

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._leaving.over

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if sig == signal.SIGINT and self._supervisor is not None:
            return  # a terminal sends it to every process; the supervisor decides
        if self._leaving.begun:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        # Not for uvicorn to raise again: an INT then would cancel what closes the application, halfway.
        self.interrupted = sig == signal.SIGINT
        self._leaving.begin(0 if sig == signal.SIGINT else self._drain_s)

    def _obey(self) -> None:
        """The supervisor's word, seconds to drain; when it is gone there is nobody left to work for."""
        assert self._supervisor is not None
        try:
            drain_s = float(self._supervisor.recv())
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._supervisor.fileno())
            drain_s = self._drain_s
        self._leaving.begin(drain_s)


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

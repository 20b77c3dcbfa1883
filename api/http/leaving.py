"""A process that is about to end says so first: its readiness goes, and its connections are not kept."""

from __future__ import annotations

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Leaving:
    """Has this process been asked to end? Begun once, by a signal or by the supervisor; there is no way back."""

    def __init__(self) -> None:
        self._until: float | None = None

    @property
    def begun(self) -> bool:
        return self._until is not None

    @property
    def over(self) -> bool:
        """Is the time past in which requests are still taken?"""
        return self._until is not None and time.monotonic() >= self._until

    def begin(self, drain_s: float) -> None:
        """Take requests for `drain_s` more seconds. Asked again, the earlier end holds."""
        until = time.monotonic() + drain_s
        self._until = until if self._until is None else min(self._until, until)


class NotKept:
    """ASGI middleware: once the process leaves, each answer ends its connection: no request meets a closed one."""

    def __init__(self, app: ASGIApp, leaving: Leaving) -> None:
        self.app = app
        self.leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def last(message: Message) -> None:
            if self.leaving.begun and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, last)

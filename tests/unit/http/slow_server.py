"""`python slow_server.py PORT SECONDS DRAIN`: the application over a core that answers each call after SECONDS.

It prints its address, "asked" for each search that has reached the core, and "core closed" at the end of its life.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fake_core import FakeCore

from api.http.server import run
from api.model import Answer, SearchRequest
from stack.settings import load_settings


class SlowCore(FakeCore):
    @asynccontextmanager
    async def open(self) -> AsyncIterator[FakeCore]:
        yield self
        await asyncio.sleep(0.05)  # what is cancelled as it closes does not come beyond this
        _say("core closed")

    async def search(self, request: SearchRequest) -> Answer:
        _say("asked")
        return await super().search(request)


def main(port: str, seconds: str, drain_s: str) -> None:
    settings = load_settings(api_port=int(port), deadline_ms=60_000, drain_s=float(drain_s), log_level="info")
    run(settings, announce=_say, open_searcher=SlowCore(delay_s=float(seconds)).open)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

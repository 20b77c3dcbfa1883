"""Points in time of the engine, shared by the walks that begin together, so that a crowd cannot use up the engine's."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from opensearchpy import AsyncOpenSearch

from api.cursor.rules import CursorRules
from api.engine import Deadline


@dataclass
class Points:
    """Opens points in time. They end by themselves, `keep_alive_s` after the last page that was read at them."""

    client: AsyncOpenSearch
    rules: CursorRules
    _open: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def keep_alive(self) -> str:
        return f"{self.rules.keep_alive_s}s"

    async def open(self, index: str, deadline: Deadline) -> str:
        """A point in time of an index that is no older than `shared_s`. Raises EngineUnavailableError, EngineError."""
        async with deadline.enforced(), self._lock:
            opened, point = self._open.get(index, (float("-inf"), ""))
            if time.monotonic() - opened > self.rules.shared_s:
                answer = await self.client.create_pit(
                    index=index, params={"keep_alive": self.keep_alive, "request_timeout": deadline.left()}
                )
                point = str(answer["pit_id"])
                self._open[index] = (time.monotonic(), point)
            return point

    def forget(self) -> None:
        """The engine lost one: open all anew."""
        self._open.clear()

"""Is the index still of our model? Looked up again while serving, beside the searches and not before them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from stack.errors import EngineError, ModelMismatchError, NotFoundError, SoukError


class ModelGuard:
    """Keeps the last finding of `check` and renews it in the background, at most every `every_s` seconds."""

    def __init__(self, check: Callable[[], Awaitable[None]], every_s: float = 10.0) -> None:
        self._check = check
        self._every_s = every_s
        self._due = time.monotonic() + every_s
        self._found: SoukError | None = None
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Raise ModelMismatchError when the index was found to hold another model's vectors. Never waits."""
        if time.monotonic() >= self._due and (self._task is None or self._task.done()):
            self._due = time.monotonic() + self._every_s
            self._task = asyncio.create_task(self.renew())
        if self._found is not None:
            raise self._found

    async def renew(self) -> None:
        """Look now. An engine that is away proves nothing, and neither does an index that is being made anew."""
        try:
            await self._check()
            self._found = None
        except ModelMismatchError as error:
            self._found = error
        except (EngineError, NotFoundError):
            pass

"""The road of a suggestion: read what was typed → complete from memory, titles from the engine → one list.

What is in memory is taken up again in the background; no request waits for that but the very first of a process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from opensearchpy import AsyncOpenSearch

from api.serving import Serving
from api.suggest.complete import Completer
from api.suggest.completion import Completion, completions
from api.suggest.model import SUGGESTION_KINDS, Suggestion, SuggestionKind, Suggestions
from api.suggest.order import Line, in_order, title_lines
from api.suggest.phrases import phrases
from api.suggest.rules import SuggestRules
from api.suggest.taken_up import joined, read_sources, sources
from api.suggest.titles import Titles, find_titles
from api.suggest.typed import Typed, read_typed
from api.understand.lexicon import Lexicon
from stack.errors import EngineError

log = logging.getLogger("souk.suggest")

POPULAR: tuple[SuggestionKind, ...] = ("query", "category")
"""What is offered before anything is typed."""


@dataclass
class Suggester:
    """Answers typed lines. One object serves all requests of a process."""

    client: AsyncOpenSearch
    prefix: str
    rules: SuggestRules
    serving: Serving
    clock: Callable[[], datetime]
    completer: Completer | None = None
    _lexicon: str | None = None
    _due: float = float("-inf")
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def suggest(self, q: str, limit: int, kinds: Sequence[SuggestionKind] = SUGGESTION_KINDS) -> Suggestions:
        """At most `limit` suggestions for any text; nothing is refused. Without the engine: no products."""
        started = time.perf_counter()
        typed = read_typed(q)
        completer = await self._ready()
        if not typed.key:
            before = [kind for kind in POPULAR if kind in kinds] or kinds
            fitting = completer.popular(before, limit) if completer and not typed.text else []
            return self._answer(typed, in_order(fitting, [], limit, self.rules.order), started)
        titles = asyncio.create_task(self._titles(typed.text)) if self._helps(typed, kinds) else None
        fitting = completer.fitting(typed, kinds, limit) if completer else []
        lines, late = await self._title_lines(typed, titles, completer, started) if titles else ([], False)
        return self._answer(typed, in_order(fitting, lines, limit, self.rules.order), started, late)

    def _answer(self, typed: Typed, found: list[Suggestion], started: float, late: bool = False) -> Suggestions:
        took = round((time.perf_counter() - started) * 1000, 2)
        return Suggestions(q=typed.text, took_ms=took, suggestions=found, late=late)

    def _helps(self, typed: Typed, kinds: Sequence[SuggestionKind]) -> bool:
        """One letter is in every title; of scripts without spaces one letter is a word."""
        return "product" in kinds and (len(typed.key) >= self.rules.titles.least_letters or not typed.key.isascii())

    async def _titles(self, text: str, spent_s: float = 0.0) -> Titles:
        rules = self.rules.titles
        return await find_titles(self.client, self.prefix, text, rules, rules.deadline_ms / 1000 - spent_s)

    async def _title_lines(
        self, typed: Typed, task: asyncio.Task[Titles], completer: Completer | None, started: float
    ) -> tuple[list[Line], bool]:
        """The products of the line as it stands; of its nearest reading when there is none."""
        order, cost = self.rules.order, self.rules.slips.cost
        titles = await task
        if titles.found or titles.late or completer is None:
            return title_lines(titles.found, typed.key, 0, cost, order), titles.late
        mended = completer.mended_text(typed)
        if mended is None:
            return [], False
        titles = await self._titles(mended, time.perf_counter() - started)
        return title_lines(titles.found, mended, 1, cost, order), titles.late

    async def _ready(self) -> Completer | None:
        """What is in memory; before it was ever taken up, what is there after a short wait."""
        self.tick()
        if self.completer is None and self._task is not None and not self._task.done():
            await asyncio.wait({self._task}, timeout=self.rules.taken_up.first_wait_ms / 1000)
        return self.completer

    def tick(self) -> None:
        """Take up again when it is time, or when a lexicon was published, beside the requests. Never waits."""
        due = time.monotonic() >= self._due or self._lexicon != self.serving.lexicon.version
        if due and (self._task is None or self._task.done()):
            self._due = time.monotonic() + self.rules.taken_up.retry_s
            self._task = asyncio.create_task(self._renew_or_log())

    async def renew(self) -> None:
        """Take up now. Raises EngineUnavailableError or EngineError; what was taken up before stays then."""
        version, understander = self.serving.lexicon.version, self.serving.understander
        rules = self.rules.taken_up
        found = await read_sources(self.client, sources(self.prefix, self.rules, self.clock()), rules.timeout_s)
        self.completer = await asyncio.to_thread(_build, found, understander.kit.lexicon, self.rules)
        self._lexicon = version
        self._due = time.monotonic() + rules.every_s

    async def _renew_or_log(self) -> None:
        self._lexicon = self.serving.lexicon.version  # a lexicon that cannot be read is not tried at every request
        try:
            await self.renew()
        except EngineError as error:
            log.warning("suggestions were not taken up again: %s", error)
        except Exception:
            log.exception("suggestions were not taken up again")

    async def close(self) -> None:
        """End what runs in the background."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _build(found: list[Completion], lexicon: Lexicon | None, rules: SuggestRules) -> Completer:
    said: list[Completion] = []
    if lexicon is not None:
        most = rules.taken_up.most["phrase"]
        said = completions("query", phrases(lexicon, rules.phrases, most), most, rules.phrases.worth)
    return Completer(list(joined(found, said).values()), lexicon, rules)

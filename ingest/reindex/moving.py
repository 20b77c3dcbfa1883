"""From a new, empty index to one that is in use: round by round, then a moment without writes, then the switch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from opensearchpy import OpenSearch

from ingest.reindex import check
from ingest.reindex.deletes import sweep
from ingest.reindex.hold import held_writes, switch
from ingest.reindex.move import Job, State
from ingest.reindex.rules import ReindexRules
from ingest.reindex.target import finish, ready
from stack.errors import SoukError
from stack.locks import Held

SAVED_EVERY_S = 0.5


class Teller(Protocol):
    """Who is told how it goes."""

    def expect(self, documents: int) -> None:
        """About so many are to be copied."""

    def advance(self, documents: int) -> None:
        """So many more are."""

    def say(self, text: str) -> None:
        """A step is done."""


@dataclass(frozen=True)
class Moved:
    """What became of one alias. `copied` counts a document as often as it was; `held_s`: writes waited so long."""

    alias: str
    source: str
    target: str
    documents: int
    copied: int
    deleted: int
    held_s: float
    finding: check.Finding


@dataclass
class Moving:
    """The moves of one run, with what they need."""

    client: OpenSearch
    rules: ReindexRules
    work: Held
    state: State
    jobs: Sequence[Job]
    teller: Teller
    saved_at: float = 0.0

    def __call__(self) -> list[Moved]:
        """Copy, check, switch. Raises SoukError when something does not fit; the old indexes are in use then."""
        self.teller.expect(sum(job.source.behind(job.move.after) for job in self.jobs))
        findings: list[check.Finding] = []
        for _ in range(self.rules.holds):
            self._catch_up()
            findings = findings or [self._checked(job) for job in self.jobs]
            if (held_s := self._take_over()) is not None:
                return [
                    Moved(job.move.alias, job.move.source, job.move.target, job.target.count(), job.copied, job.deleted,
                          held_s, finding) for job, finding in zip(self.jobs, findings, strict=True)
                ]  # fmt: skip
            self.teller.say(f"writes were held for {self.rules.hold_s:g} s and go on; once more")
        raise SoukError(
            f"the last round took longer than {self.rules.hold_s:g} s each of {self.rules.holds} times",
            "Run the same command again when less is written, or raise hold_s in mappings/reindex.yml",
        )

    def _catch_up(self) -> None:
        """Until so little is left that writes may be held for it; then what was deleted meanwhile is deleted."""
        small = self.rules.small_embedding if any(job.carrier.embeds for job in self.jobs) else self.rules.small
        for number in range(1, self.rules.rounds + 1):
            documents = sum(job.round(self._page) for job in self.jobs)
            left = sum(job.source.behind(job.move.after) for job in self.jobs)
            self.teller.say(f"round {number}: {documents:,} documents copied, {left:,} writes came meanwhile")
            if left <= small:
                break
        else:
            raise SoukError(
                f"writes come faster than they are copied: {left:,} are left after {self.rules.rounds} rounds",
                "Slow ingestion for the end of it, then run the same command again: it goes on",
            )
        for job in self.jobs:
            self._sweep(job)

    def _page(self, documents: int) -> None:
        self.teller.advance(documents)
        if time.monotonic() - self.saved_at > SAVED_EVERY_S:
            self._save()

    def _save(self) -> None:
        """Remember how far it is. Raises SoukError when the work is not ours any more."""
        self.work.save(self.state.as_json())
        self.saved_at = time.monotonic()

    def _sweep(self, job: Job) -> None:
        job.deleted += sweep(job.source, job.target, job.move.next_alias, self.rules.parts)

    def _checked(self, job: Job) -> check.Finding:
        finding = check.look(job.source, job.target, job.carrier.vectors, self.rules.sample)
        if self.state.action == "reindex":  # who goes back wants the old index, whatever it finds
            check.judge(job.move.target, finding, self.rules)
        return finding

    def _take_over(self) -> float | None:
        """Seconds that writes were held; None when they were let go again because it took too long."""
        for job in self.jobs:
            ready(self.client, job.move)
        self.state.switching = True
        self._save()
        began = time.monotonic()
        with held_writes(self.client, [job.move.source for job in self.jobs], self._let_go) as hold:
            for job in self.jobs:
                self._last_round(job)
            if time.monotonic() - began > self.rules.hold_s:
                hold.give_up()
                return None
            self._save()  # still ours? What follows takes milliseconds, and fails when the target's alias is gone
            switch(self.client, [job.move for job in self.jobs])
        held_s = time.monotonic() - began
        for job in self.jobs:
            finish(self.client, job.move)
        return held_s

    def _let_go(self) -> None:
        self.state.switching = False
        self._save()

    def _last_round(self, job: Job) -> None:
        """Nothing is written to the source now. Afterwards the target holds what it holds, no more and no less."""
        job.round(self._page)
        self._sweep(job)
        old, new = job.source.count(), job.target.count()
        if old != new:
            raise SoukError(
                f"{job.source.index} holds {old:,} documents and {job.target.index} {new:,}: not switched",
                "Run souk reindex TYPE --abandon, then this again; if it stays so, look at the engine's log",
            )
        job.move.reached = [numbers["max_seq_no"] for numbers in job.target.numbers()]

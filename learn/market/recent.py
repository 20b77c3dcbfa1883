"""The last two weeks of the demo's shoppers in its indexes: once a day, and skipped when it is done.

A day's behaviour is the same whenever it is made, so that each day only adds to what is there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from learn.market.shopping.rules import FILE
from stack.behaviour import EVENTS, QUERIES, index_of
from stack.client import connect, engine_errors
from stack.settings import Settings

DAYS = 14
# 2,400 searches and 20,000 events: enough for a chart of each hour of the day, and three seconds of work.
SESSIONS = 1_500
NOTE = "behaviour.json"


@dataclass(frozen=True)
class Recent:
    """The behaviour over the market of a folder, as of a day."""

    settings: Settings
    market: Path
    seed: int
    today: date

    @property
    def out(self) -> Path:
        """Where its files stand."""
        return self.settings.state_dir / "behaviour"

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """What makes it and brings it into the indexes, as a user would."""
        make = ("market", "behaviour", "--market", str(self.market), "--out", str(self.out), "--seed", str(self.seed))
        files = [str(self.out / f"{log}.jsonl") for log in (QUERIES, EVENTS)]
        return (*make, "--days", str(DAYS), "--sessions", str(SESSIONS)), ("events", "import", *files)

    def is_done(self) -> bool:
        """Is it in these very indexes, from this very market, up to today?"""
        try:
            return bool(json.loads(self._file.read_text(encoding="utf-8")) == self._inputs)
        except (OSError, ValueError):
            return False

    def note(self) -> None:
        """It is done."""
        self._file.write_text(json.dumps(self._inputs) + "\n", encoding="utf-8")

    @property
    def _file(self) -> Path:
        return self.settings.state_dir / NOTE

    @cached_property
    def _inputs(self) -> dict[str, str]:
        digest = hashlib.blake2b(f"{version('souk')} {self.seed} {SESSIONS}".encode(), digest_size=8)
        # Of the lives only the truth: the times in their records are of the minute in which they were made.
        for file in (FILE, *sorted(self.market.glob("truth/*.jsonl")), self.market / "products.jsonl"):
            digest.update(file.read_bytes())
        alias = index_of(self.settings, EVENTS)
        with connect(self.settings) as client, engine_errors():
            indexes = client.indices.get_settings(index=alias, name="index.uuid")
        oldest = indexes[min(indexes)]["settings"]["index"]["uuid"]
        return {"market": digest.hexdigest(), "day": self.today.isoformat(), "index": oldest}


def recent(settings: Settings, market: Path, seed: int) -> Recent:
    """As of now."""
    return Recent(settings, market, seed, datetime.now(UTC).date())

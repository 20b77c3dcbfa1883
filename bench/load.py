"""Searches and writes that go on while something breaks, each remembered with how it went."""

from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import orjson
from opensearchpy import OpenSearch

from bench.catalogue import SOUK
from bench.processes import environment
from stack.client import engine_errors
from stack.settings import ROOT, Settings

PATIENCE_S = 3.0  # of a client, beyond the API's own deadline
RETRY_AFTER_S = 2.0  # what the API's 503 asks for
PAUSE_S = 3.0  # between two runs of ingestion: starting Python is most of such a short one
BORN = datetime(2026, 1, 1, tzinfo=UTC)
GOODS = ("mouse", "keyboard", "lamp", "chair", "kettle", "speaker", "monitor", "camera", "jacket", "backpack")
KINDS_OF = ("wireless", "compact", "black", "oak", "steel", "gaming", "travel", "classic", "quiet", "outdoor")


@dataclass(frozen=True)
class Asked:
    """One search: when it was sent (monotonic), how long it took with its retry, in how many tries."""

    at: float
    took_s: float
    tries: int
    good: bool
    degraded: bool
    why: str = ""


class SearchLoad:
    """Sends searches at a steady rate to an API, each tried at most twice, until the block ends."""

    def __init__(self, url: str, deadline_s: float, rate: float) -> None:
        self._url = url
        self._rate = rate
        self._client = httpx.Client(timeout=deadline_s + PATIENCE_S, limits=httpx.Limits(max_connections=64))
        self._pool = ThreadPoolExecutor(32, "search")
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._send_all, name="searches")
        self.asked: list[Asked] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._halt.set()
        self._thread.join()
        self._pool.shutdown()
        self._client.close()

    def _send_all(self) -> None:
        number = 0
        while not self._halt.wait(1 / self._rate):
            self._pool.submit(self._ask, f"{KINDS_OF[number // 10 % 10]} {GOODS[number % 10]}")
            number += 1

    def _ask(self, words: str) -> None:
        at = time.monotonic()
        good, degraded, why = self._once(words)
        tries = 1
        if not good:
            tries, first = 2, why
            time.sleep(RETRY_AFTER_S)
            good, degraded, why = self._once(words)
            why = "; ".join(dict.fromkeys(filter(None, [first, why])))
        self.asked.append(Asked(at, time.monotonic() - at, tries, good, degraded, why))

    def _once(self, words: str) -> tuple[bool, bool, str]:
        """(answered, with less than usual, what was wrong)"""
        try:
            answer = self._client.get(f"{self._url}/v1/search", params={"q": words})
        except httpx.HTTPError as error:
            return False, False, f"{type(error).__name__}: {error}"
        if answer.status_code != 200:
            return False, False, f"{answer.status_code}: {_message(answer)}"
        body = answer.json()
        return bool(body["hits"]), bool(body.get("degraded")), "" if body["hits"] else "no hits"


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


@dataclass
class WriteLoad:
    """Runs `souk ingest` again and again over the same products, each time with prices of the round.

    A run that ends well has acknowledged its round for every product; one that does not says why (`refusals`).
    """

    settings: Settings
    folder: Path
    documents: int
    retry_for_s: int
    rounds: int = 0
    """Runs so far; prices are rounds."""
    acknowledged: int = 0
    """The last round of a run that ended well."""
    written: int = 0
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run_all, name="writes")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._halt.set()
        self._thread.join()

    def run_once(self) -> bool:
        """One `souk ingest` of all products. Returns whether it ended well."""
        self.rounds += 1
        file = self.folder / "round.jsonl"
        file.write_bytes(b"\n".join(orjson.dumps(product(number, self.rounds)) for number in range(self.documents)))
        command = [*SOUK, "ingest", "products", str(file), "--log", "json", "--retry-for", str(self.retry_for_s)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(self.settings), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            self.refusals.append((done.stderr.strip().splitlines() or ["no message"])[-1])
            return False
        summary = [orjson.loads(line) for line in done.stderr.splitlines() if line.startswith("{")][-1]
        self.written += summary["written"]
        self.acknowledged = self.rounds
        return True

    def _run_all(self) -> None:
        while not self._halt.is_set():
            self.run_once()
            self._halt.wait(PAUSE_S)

    def lost(self, client: OpenSearch) -> int:
        """Products that are not there, or older than the last round that was acknowledged."""
        ids = [f"load-{number}" for number in range(self.documents)]
        index = self.settings.alias("product")
        with engine_errors():
            client.indices.refresh(index=index)
            answer: dict[str, Any] = client.mget(index=index, body={"ids": ids}, params={"_source": "price"})
        prices = [found["_source"]["price"] if found.get("found") else 0 for found in answer["docs"]]
        return sum(price < self.acknowledged for price in prices)


def product(number: int, round_: int) -> dict[str, Any]:
    """A product whose price and time say which round wrote it."""
    title = f"{KINDS_OF[number // 10 % 10]} {GOODS[number % 10]} {number}".capitalize()
    when = BORN + timedelta(minutes=round_)
    return {"id": f"load-{number}", "title": title, "price": round_, "currency": "EUR", "updated_at": when.isoformat()}

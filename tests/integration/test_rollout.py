"""Models and a lexicon rolled forward, back and wrong under a search load: no request fails, and the answers say which.

The load goes through the HTTP application, as shoppers' requests do.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from rank_models import publish_model, trees
from running import app_client, run_souk

from api.funnel.feature_set import load_features
from stack.embedding import Encoder
from stack.published import Shelf
from stack.settings import ROOT, Settings

pytestmark = pytest.mark.engine
FEATURES = load_features(ROOT / "mappings", "product")
QUERIES = ("headphones", "wireless headphones", "black", "jacket", "espresso", "zzqqxxy headphones", "")
AT_ONCE = 3
# A new version is looked for every second; the rest is for a busy machine.
SOON_S = 20.0


@dataclass
class Load:
    """Searches that go on all the time, and what came back."""

    client: httpx.AsyncClient
    answers: list[dict[str, Any]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    asking: bool = True

    async def run(self, start: int) -> None:
        """One shopper: a request after the other."""
        number = start
        while self.asking:
            body = {"q": QUERIES[number % len(QUERIES)], "types": ["product"], "size": 5, "explain": number % 5 == 0}
            number += AT_ONCE
            try:
                answer = await self.client.post("/v1/search", json=body, timeout=30)
            except Exception as error:  # noqa: BLE001  whatever it is, it is a request that failed
                self.failed.append(f"{body}: {type(error).__name__}: {error}")
                continue
            if answer.status_code != 200 or answer.json()["degraded"]:
                self.failed.append(f"{body}: {answer.status_code} {answer.text[:300]}")
            else:
                self.answers.append(answer.json())

    @property
    def models(self) -> set[str | None]:
        """The models of the last answers to queries that are ranked."""
        ranked = [each for each in self.answers[-4 * len(QUERIES) :] if each["q"] == "headphones"]
        return {each["models"].get("product") for each in ranked[-2:]}

    async def until(self, seen: Callable[[], bool | Awaitable[bool]], what: str) -> None:
        """Wait, under load, until something is so."""
        end = time.monotonic() + SOON_S
        while time.monotonic() < end:
            found = seen()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {SOON_S:g} s: {what}; models of the last answers: {self.models}")

    async def more(self, count: int = 20) -> None:
        """Wait for so many more answers."""
        wanted = len(self.answers) + count
        await self.until(lambda: len(self.answers) >= wanted or bool(self.failed), f"{count} more answers")


@pytest.fixture
async def load(market_settings: Settings, encoder: Encoder, shelves: Settings) -> AsyncIterator[Load]:
    """The application over the market, under load from start to end. Fails when one request did."""
    async with app_client(shelves, encoder) as client:
        made = Load(client)
        shoppers = [asyncio.create_task(made.run(start)) for start in range(AT_ONCE)]
        await made.more(5)
        yield made
        made.asking = False
        await asyncio.gather(*shoppers)
    assert made.failed == []
    assert made.answers


@pytest.fixture
def shelves(market_settings: Settings, tmp_path: Any) -> Settings:
    """The market's indexes, and nothing published yet; the deadline leaves time on a busy machine."""
    return market_settings.model_copy(update={"state_dir": tmp_path / "state", "deadline_ms": 20_000})


async def published(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    about: dict[str, Any] = answer.json()["published"][name]
    return about


async def test_a_model_rolled_forward_and_back(load: Load, shelves: Settings) -> None:
    root = shelves.published
    assert load.models == {None}
    shelf = publish_model(root, FEATURES, "a", sign=1)
    await load.until(lambda: load.models == {"a"}, "model a ranks")
    publish_model(root, FEATURES, "b", sign=-1)
    await load.until(lambda: load.models == {"b"}, "model b ranks")
    await load.more()
    shelf.make_current("a")
    await load.until(lambda: load.models == {"a"}, "rolled back to a")
    orders = {
        each["models"]["product"]: [hit["id"] for hit in each["hits"]]
        for each in load.answers
        if each["q"] == "headphones" and each["models"]
    }
    assert orders["a"] != orders["b"], "the answers are the models' own"
    said = [each["hits"][0]["explanation"] for each in load.answers if each["hits"] and each["hits"][0]["explanation"]]
    assert {each["model"] for each in said} >= {None, "a"}


WRONG: dict[str, Callable[[Settings], Any]] = {
    "truncated": lambda shelves: publish_model(
        shelves.published, FEATURES, "bad", content=trees(len(FEATURES.names), 0, 1)[:3000]
    ),
    "of another feature set": lambda shelves: publish_model(
        shelves.published, FEATURES, "bad", feature_set="0123456789ab"
    ),
    "no model": lambda shelves: publish_model(shelves.published, FEATURES, "bad", content="\x00\x01"),
    "of fewer features": lambda shelves: publish_model(
        shelves.published, FEATURES, "bad", content=trees(3, 0, 1), feature_names=["fused", "x", "y"]
    ),
    "pointing to nothing": lambda shelves: (shelves.published / "rank-product" / "CURRENT").write_text("bad\n"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_model_that_cannot_serve_leaves_the_one_that_does(load: Load, shelves: Settings, wrong: str) -> None:
    shelf = publish_model(shelves.published, FEATURES, "good")
    await load.until(lambda: load.models == {"good"}, "the good model ranks")
    WRONG[wrong](shelves)

    async def told() -> bool:
        return "problem" in await published(load.client, "rank-product")

    await load.until(told, "readyz tells the problem")
    about = await published(load.client, "rank-product")
    assert about["version"] == "good"
    assert "bad" in about["problem"]
    await load.more()
    assert load.models == {"good"}
    shelf.make_current("good")

    async def well() -> bool:
        return await published(load.client, "rank-product") == {"version": "good"}

    await load.until(well, "rolled back, there is no problem")


async def test_many_rolls_one_after_the_other(load: Load, shelves: Settings) -> None:
    """Faster than they are looked for: every answer is of one whole version."""
    shelf = publish_model(shelves.published, FEATURES, "v0")
    publish_model(shelves.published, FEATURES, "v1", sign=-1)
    for turn in range(30):
        shelf.make_current(f"v{turn % 2}")
        await asyncio.sleep(0.1)
    await load.until(lambda: load.models == {"v1"}, "the last one ranks")
    assert {each["models"].get("product") for each in load.answers} <= {None, "v0", "v1"}


async def test_a_shadow_comes_and_goes(load: Load, shelves: Settings) -> None:
    publish_model(shelves.published, FEATURES, "a")
    await load.until(lambda: load.models == {"a"}, "model a ranks")
    shelf = publish_model(shelves.published, FEATURES, "s", sign=-1, shadow=True)

    async def scored() -> bool:
        answer = await load.client.post("/v1/search", json={"q": "headphones", "types": ["product"], "debug": True})
        return bool(answer.json()["debug"]["shadow"])

    await load.until(scored, "the shadow scores")
    assert load.models == {"a"}, "and does not rank"
    (shelf.folder / "CURRENT").unlink()

    async def gone() -> bool:
        return not await scored()

    await load.until(gone, "the shadow is gone")


async def test_a_lexicon_rolled_forward_and_back(load: Load, shelves: Settings) -> None:
    """Built by the command a user runs, beside the load; a broken one after it changes nothing."""
    shelf = Shelf(shelves.published, "lexicon")

    async def version() -> str | None:
        answer = await load.client.post("/v1/search", json={"q": "wireless headphones"})
        found: str | None = answer.json()["query"]["version"]
        return found

    async def is_now(wanted: str | None) -> None:
        async def seen() -> bool:
            return await version() == wanted

        await load.until(seen, f"lexicon {wanted} is in use")

    assert await version() is None
    await asyncio.to_thread(run_souk, shelves, "understand", "build")
    first = shelf.current()
    await is_now(first)
    with shelf.publishing("broken", {}) as folder:
        (folder / "words.json").write_text("{")

    async def told() -> bool:
        return "broken" in (await published(load.client, "lexicon")).get("problem", "")

    await load.until(told, "readyz tells that the lexicon is broken")
    await load.more()
    assert await version() == first
    with contextlib.suppress(FileNotFoundError):
        (shelf.folder / "CURRENT").unlink()
    await is_now(None)
    shelf.make_current(str(first))
    await is_now(first)

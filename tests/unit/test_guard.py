"""A running API notices that the index holds another model's vectors, and that it holds ours again."""

from __future__ import annotations

import asyncio

import pytest

from api.guard import ModelGuard
from stack.errors import EngineUnavailableError, ModelMismatchError, NotFoundError, SoukError


class Check:
    """What the next look at the index finds."""

    def __init__(self) -> None:
        self.finds: SoukError | None = None
        self.looks = 0

    async def __call__(self) -> None:
        self.looks += 1
        if self.finds:
            raise self.finds


async def test_a_mismatch_is_refused_until_it_is_gone() -> None:
    check = Check()
    guard = ModelGuard(check, every_s=0)
    check.finds = ModelMismatchError("other vectors")
    guard.ask()  # this one may pass: it only starts the look
    await asyncio.sleep(0)
    with pytest.raises(ModelMismatchError, match="other vectors"):
        guard.ask()
    check.finds = None
    await guard.renew()
    guard.ask()


@pytest.mark.parametrize("away", [EngineUnavailableError("gone"), NotFoundError("being made anew")])
async def test_an_engine_that_is_away_proves_nothing(away: SoukError) -> None:
    check = Check()
    guard = ModelGuard(check)
    check.finds = away
    await guard.renew()
    guard.ask()
    check.finds = ModelMismatchError("other vectors")
    await guard.renew()
    check.finds = away
    await guard.renew()
    with pytest.raises(ModelMismatchError):
        guard.ask()


async def test_the_index_is_not_looked_up_for_every_search() -> None:
    check = Check()
    guard = ModelGuard(check, every_s=60)
    for _ in range(100):
        guard.ask()
    await asyncio.sleep(0)
    assert check.looks == 0

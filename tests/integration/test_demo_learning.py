"""What `souk demo` does after its page is up, by the same commands: a market's truth becomes a ranking that serves."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import app_client, run_souk

from learn.judgments import read_judgments
from learn.market.learning import Learning
from stack.embedding import Encoder
from stack.settings import Settings

pytestmark = pytest.mark.engine


@pytest.fixture
def own(market_settings: Settings, tmp_path: Path) -> Settings:
    """The market's indexes, a shelf of its own."""
    return market_settings.model_copy(update={"state_dir": tmp_path / "state"})


async def search_with_model(http: httpx.AsyncClient) -> dict[str, Any]:
    """A search looks for what is new beside its request; the answer once a model is there, or the last one."""
    for _ in range(50):
        answer = (await http.get("/v1/search", params={"q": "sneakers"})).json()
        if answer["models"]:
            break
        await asyncio.sleep(0.2)
    return dict(answer)


async def test_the_markets_truth_becomes_the_ranking_that_serves(
    own: Settings, run_settings: Settings, encoder: Encoder
) -> None:
    market = run_settings.state_dir.parent / "market"
    steps = {step.name: step for step in Learning(own, market, 7).steps}
    async with app_client(own, encoder) as http:
        before = (await http.get("/v1/search", params={"q": "sneakers"})).json()
        assert before["models"] == {}
        run_souk(own, *steps["lexicon"].command)
        run_souk(own, *steps["judgments"].command, "--queries", "40")
        # Forty queries may teach nothing; that it serves is what is looked at here.
        run_souk(own, *steps["product"].command, "--anyway")
        after = await search_with_model(http)
        ready = (await http.get("/readyz")).json()["published"]
    assert len(read_judgments([steps["judgments"].makes / "product.csv"]).answerable) >= 30
    assert after["models"] == {"product": steps["product"].published()}
    assert after["query"]["version"] == steps["lexicon"].published()
    assert ready["rank-product"]["version"] == steps["product"].published()
    assert "final_stage" in [stage["name"] for stage in after["stages"]]
    assert "cross-validated" in steps["product"].figures()

"""`souk lifecycle` on the real engine: what is due goes, what was touched meanwhile stays, twice at once is once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk
from running import run_souk

from stack.client import connect
from stack.documents import Live, index_body, version_of
from stack.errors import EngineError
from stack.lifecycle import LogPolicy, Policy, Step, carry_out, load_policy, plan
from stack.locks import held
from stack.settings import Settings
from stack.signals import DELETED_AT, SIGNAL, millis, update_lines

pytestmark = pytest.mark.engine
NOW = datetime.now(UTC)
OLD, LATELY = NOW - timedelta(days=100), NOW - timedelta(days=10)


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings]) -> Settings:
    return make_indexes("lifecycle")


@pytest.fixture(scope="module")
def engine(shop: Settings) -> Iterator[OpenSearch]:
    with connect(shop) as client:
        yield client


def room(id_: str, updated_at: datetime = OLD, **fields: Any) -> Live:
    return Live(id=id_, title=f"Room {id_}", updated_at=updated_at, **fields)


def write(engine: OpenSearch, settings: Settings, *rooms: Live) -> None:
    place = {"_index": settings.alias("live"), "_version_type": "external_gte"}
    rows = [place | {"_id": each.id, "_version": version_of(each), "_source": index_body(each)} for each in rooms]
    bulk(engine, rows, refresh=True)


def signal(engine: OpenSearch, settings: Settings, id_: str, at: datetime, **fields: Any) -> None:
    lines = update_lines(settings.alias(SIGNAL), "live", id_, fields, millis(at))
    assert not engine.bulk(body=lines, params={"refresh": "true"})["errors"]


def policy(**changes: Any) -> Policy:
    log = LogPolicy(roll_days=30, roll_gigabytes=30, roll_documents=2, keep_days=180)
    return Policy(**{"ended_lives_days": 90, "tombstones_days": 365, "logs": {"ubi_events": log}} | changes)


def only(steps: list[Step], action: str) -> Step:
    (step,) = [step for step in steps if step.action == action]
    return step


def test_rooms_that_ended_long_ago_go_as_their_signals_have_it(shop: Settings, engine: OpenSearch) -> None:
    write(
        engine, shop,
        room("gone", status="ended", ended_at=OLD),
        room("unsaid", status="ended", heartbeat_at=OLD),
        room("fresh", status="ended", ended_at=LATELY),
        room("again", status="ended", ended_at=OLD),
        room("on", status="live", heartbeat_at=OLD),
        room("over", status="live", heartbeat_at=OLD),
        room("kept", status="replay", ended_at=OLD),
        room("touched", status="ended", ended_at=OLD),
        room("corrected", LATELY, status="ended", ended_at=OLD),
    )  # fmt: skip
    signal(engine, shop, "again", NOW, status="live", heartbeat_at=NOW.isoformat())
    signal(engine, shop, "over", OLD + timedelta(hours=1), status="ended", ended_at=OLD.isoformat())
    steps = plan(engine, shop, policy(), NOW)
    assert (step := only(steps, "delete documents")).documents == 4
    write(engine, shop, room("touched", NOW, status="scheduled"))
    assert carry_out(engine, step) == "3 documents are deleted, 1 changed meanwhile and stay"
    engine.indices.refresh(index=f"{shop.alias('live')},{shop.alias(SIGNAL)}")
    left = {hit["_id"] for hit in engine.search(index=shop.alias("live"), body={"size": 50})["hits"]["hits"]}
    assert left == {"fresh", "again", "on", "kept", "touched", "corrected"}
    stone = engine.get(index=shop.alias(SIGNAL), id="live:gone")["_source"]
    assert stone[DELETED_AT] == millis(OLD), "an older record does not bring it back"
    assert plan(engine, shop, policy(), NOW) == []

    later = plan(engine, shop, policy(ended_lives_days=900), NOW + timedelta(days=300))
    step = only(later, "delete documents")
    assert (step.target, step.documents) == (shop.alias(SIGNAL), 3)
    carry_out(engine, step)
    assert not engine.exists(index=shop.alias(SIGNAL), id="live:gone")
    assert engine.exists(index=shop.alias(SIGNAL), id="live:again")


def test_a_room_goes_only_when_that_is_noted(
    shop: Settings, engine: OpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signals whose writes are held, as for a reindex: nothing is deleted. And a run does so many, not all."""
    write(engine, shop, *(room(f"bounded{n}", status="ended", ended_at=OLD) for n in range(3)))
    monkeypatch.setattr("stack.lifecycle.AT_MOST", 2)
    step = only(plan(engine, shop, policy(), NOW), "delete documents")
    assert (step.documents, step.why) == (2, "ended more than 90 days ago, and more the next time")
    signals = f"{shop.alias(SIGNAL)}-000001"
    engine.transport.perform_request("PUT", f"/{signals}/_block/write")
    try:
        with pytest.raises(EngineError, match="could not be noted"):
            carry_out(engine, step)
    finally:
        engine.indices.put_settings(index=signals, body={"index": {"blocks.write": None}})
    assert all(engine.exists(index=shop.alias("live"), id=f"bounded{n}") for n in range(3))
    assert carry_out(engine, step) == "2 documents are deleted"
    engine.indices.refresh(index=shop.alias("live"))
    assert carry_out(engine, only(plan(engine, shop, policy(), NOW), "delete documents")) == "1 documents are deleted"
    engine.indices.refresh(index=shop.alias("live"))


def test_a_log_rolls_over_and_its_old_index_goes(shop: Settings, engine: OpenSearch) -> None:
    alias = f"{shop.index_prefix}-ubi_events"
    assert [step for step in plan(engine, shop, policy(), NOW + timedelta(days=31)) if step.action == "roll"] == []
    rows = [{"_index": alias, "action_name": "click", "timestamp": NOW.isoformat()} for _ in range(3)]
    bulk(engine, rows, refresh=True)
    step = only(plan(engine, shop, policy(), NOW), "roll")
    assert step.why == f"{alias}-000001 holds 3 documents"
    assert carry_out(engine, step) == f"{alias}-000002 is written to now"
    assert carry_out(engine, step) == "it was rolled over already", "by another who planned the same"
    bulk(engine, rows[:1], refresh=True)
    assert engine.count(index=f"{alias}-000002")["count"] == 1
    assert engine.count(index=alias)["count"] == 4, "both are searched"

    assert "delete index" not in {step.action for step in plan(engine, shop, policy(), NOW + timedelta(days=179))}
    step = only(plan(engine, shop, policy(), NOW + timedelta(days=181)), "delete index")
    assert (step.target, step.documents) == (f"{alias}-000001", 3)
    carry_out(engine, step)
    carry_out(engine, step)
    assert list(engine.indices.get_alias(name=alias)) == [f"{alias}-000002"]


def test_the_command_shows_first_and_leaves_it_to_one(shop: Settings, engine: OpenSearch) -> None:
    write(engine, shop, room("due", status="ended", ended_at=OLD))
    shown = run_souk(shop, "lifecycle", "run", "--dry-run").stdout
    assert f"delete documents {shop.alias('live')}: 1 documents; ended more than 90 days ago" in shown
    assert engine.exists(index=shop.alias("live"), id="due")
    with held(engine, shop.index_prefix, "lifecycle"):
        assert "Left to" in run_souk(shop, "lifecycle", "run").stdout
    assert engine.exists(index=shop.alias("live"), id="due")
    assert "1 documents are deleted" in run_souk(shop, "lifecycle", "run").stdout
    assert not engine.exists(index=shop.alias("live"), id="due")
    assert (
        f"kept {load_policy(shop.mappings_dir).logs['ubi_events'].keep_days} days"
        in run_souk(shop, "lifecycle", "show").stdout
    )

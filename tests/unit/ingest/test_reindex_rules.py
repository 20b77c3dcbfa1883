"""What is asked of a reindex, its numbers, what it remembers, and which refusals of writes are waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
from opensearchpy.exceptions import AuthorizationException

from ingest.patience import Busy, is_block, is_held, worth_a_retry
from ingest.reindex.move import Move, State
from ingest.reindex.rules import load_reindex_rules
from ingest.reindex.run import superfluous
from ingest.reindex.shards import primaries
from ingest.reindex_cli import parse_types
from stack.documents import DOCUMENT_KINDS
from stack.errors import ConfigError, InputError
from stack.settings import ROOT

HELD = {
    "type": "cluster_block_exception",
    "reason": "index [souk-products-000001] blocked by: [FORBIDDEN/8/index write (api)];",
}
MOVING = HELD | {"reason": "index [x] blocked by: [FORBIDDEN/8/moving to block index write (api)];"}
FULL = HELD | {
    "reason": "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
    "index has read-only-allow-delete block];"
}


@pytest.mark.parametrize("error", [HELD, MOVING], ids=["held", "about to be"])
def test_writes_that_a_reindex_holds_are_waited_for(error: dict[str, str]) -> None:
    assert is_held(error)
    assert not is_block(error)
    assert worth_a_retry(AuthorizationException(403, error["type"], {"error": error}))


def test_a_full_disk_is_not_waited_for() -> None:
    assert is_block(FULL)
    assert not is_held(FULL)
    assert not worth_a_retry(AuthorizationException(403, FULL["type"], {"error": FULL}))


def test_types_by_either_name() -> None:
    assert parse_types(["products", "live", "product"]) == ["product", "live"]
    assert parse_types(["all", "videos"]) == [*DOCUMENT_KINDS, "signal"]
    with pytest.raises(InputError) as caught:
        parse_types(["shoes", "products", "hats"])
    assert [mistake.what for mistake in caught.value.mistakes] == ["no such type: shoes", "no such type: hats"]


def test_what_is_remembered_comes_back() -> None:
    state = State("reindex", "abc", [Move("product", "p", "p-000001", "p-000002", [4, -1])], switching=True)
    assert State.from_json(state.as_json()) == state


@pytest.mark.parametrize(("keep", "gone"), [(1, ["p-000001", "p-000002"]), (2, ["p-000001"]), (3, []), (9, [])])
def test_the_one_to_go_back_to_is_kept_before_all_others(keep: int, gone: list[str]) -> None:
    """After a rollback the next one is built from an index that is older than some that are kept."""
    newest = Move("product", "p", "p-000003", "p-000004", [])
    assert superfluous(["p-000001", "p-000002", "p-000003", "p-000004"], newest, keep) == gone
    after_rollback = Move("product", "p", "p-000001", "p-000003", [])
    assert superfluous(["p-000001", "p-000002", "p-000003"], after_rollback, 1) == ["p-000002"]


def test_a_shard_whose_primary_has_just_gone_is_waited_for() -> None:
    known = [{"routing": {"primary": False}, "seq_no": {"max_seq_no": 1}}]
    mine = [*known, {"routing": {"primary": True}, "seq_no": {"max_seq_no": 2}}]
    assert primaries("p", 2, {"0": mine, "1": mine}) == [{"max_seq_no": 2}] * 2
    for shards in ({"0": mine, "1": known}, {"0": mine}):
        with pytest.raises(Busy, match="shard 1 of p has no primary"):
            primaries("p", 2, shards)


def test_the_shipped_numbers_are_complete_and_mistakes_are_named(tmp_path: Path) -> None:
    assert load_reindex_rules(ROOT / "mappings").keep >= 1
    (tmp_path / "reindex.yml").write_text("page: 0\nhold: 3\n")
    with pytest.raises(ConfigError, match=r"page: .*hold_s: Field required.*hold: Extra"):
        load_reindex_rules(tmp_path)

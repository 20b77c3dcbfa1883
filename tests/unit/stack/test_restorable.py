"""Which snapshots can be restored, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stack.errors import ConfigError
from stack.restore import require_usable
from stack.snapshots import Snapshot

GOOD = Snapshot(
    "s", "SUCCESS", "3.5.0", "2026-01-01T00:00:00Z", 1.0, ("a-000001",), {"a": ["a-000001"]}, 5, "a", None, ()
)


@pytest.mark.parametrize("engine", ["3.5.0", "3.6.1", "4.0.0", "3.10.0-SNAPSHOT"])
def test_its_own_version_and_the_next_major_one_read_it(engine: str) -> None:
    require_usable(GOOD, engine)


@pytest.mark.parametrize(
    ("snapshot", "engine", "said"),
    [
        (GOOD, "3.4.0", "of engine version 3.5.0, and this one is 3.4.0"),
        (GOOD, "5.0.0", "Restore it on a cluster of its own version"),
        (replace(GOOD, engine="7.10.2"), "3.5.0", "of engine version 7.10.2"),
        (replace(GOOD, state="INCOMPATIBLE", engine=""), "3.5.0", "version unknown"),
        (replace(GOOD, state="PARTIAL", failures=("a-000001: node left",)), "3.5.0", "is PARTIAL: a-000001: node left"),
        (replace(GOOD, state="FAILED"), "3.5.0", "some shards are missing"),
        (replace(GOOD, state="IN_PROGRESS"), "3.5.0", "still being made"),
        (replace(GOOD, state="UNREADABLE"), "3.5.0", "damaged"),
        (replace(GOOD, aliases={}), "3.5.0", "not made by souk snapshot create"),
    ],
)
def test_what_cannot_be_restored_is_named(snapshot: Snapshot, engine: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        require_usable(snapshot, engine)
    assert said in str(caught.value)

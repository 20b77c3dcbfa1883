"""The pulse keeps rooms on that were on, and wakes none that fell silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from learn.market.pulse import beat, living_rooms
from stack.client import connect
from stack.documents import Live, index_body
from stack.settings import Settings

pytestmark = pytest.mark.engine


def test_pulse(make_indexes: Callable[..., Settings]) -> None:
    settings, now = make_indexes("pulse"), datetime.now(UTC)
    rooms = [
        Live(id="on", title="On", status="live", heartbeat_at=now - timedelta(seconds=20), updated_at=now),
        Live(id="silent", title="Silent", status="live", heartbeat_at=now - timedelta(hours=1), updated_at=now),
        Live(id="over", title="Over", status="ended", heartbeat_at=now, updated_at=now),
    ]
    index = settings.alias("live")
    with connect(settings) as client:
        for room in rooms:
            client.index(index=index, id=room.id, body=index_body(room), params={"refresh": "true"})
        assert living_rooms(client, index, now, 120) == ["on"]
        beat(client, index, ["on", "deleted-meanwhile"], now + timedelta(seconds=90))
        client.indices.refresh(index=index)
        assert living_rooms(client, index, now + timedelta(seconds=180), 120) == ["on"]

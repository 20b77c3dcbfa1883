"""The pulse keeps rooms on that were on, wakes none that fell silent, and writes no document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from learn.market.pulse import beat, crowd, living_rooms
from stack.client import connect
from stack.documents import Live, index_body
from stack.settings import Settings
from stack.signals import SIGNAL

pytestmark = pytest.mark.engine


def test_pulse(make_indexes: Callable[..., Settings]) -> None:
    settings, now = make_indexes("pulse"), datetime.now(UTC)
    heard = now - timedelta(seconds=20)
    rooms = [
        Live(id="on", title="On", status="live", heartbeat_at=heard, viewers=100, updated_at=heard),
        Live(id="silent", title="Silent", status="live", heartbeat_at=now - timedelta(hours=1), updated_at=heard),
        Live(id="over", title="Over", status="ended", heartbeat_at=now, updated_at=heard),
    ]
    index, signals = settings.alias("live"), settings.alias(SIGNAL)
    with connect(settings) as client:
        for room in rooms:
            client.index(index=index, id=room.id, body=index_body(room), params={"refresh": "true"})
        assert living_rooms(client, index, signals, now, 120) == {"on": 100}
        beat(client, signals, {"on": 100}, now + timedelta(seconds=90))
        client.indices.refresh(index=signals)
        assert living_rooms(client, index, signals, now + timedelta(seconds=180), 120) == {"on": 100}
        assert client.get(index=index, id="on")["_version"] == 1
        signal = client.get(index=signals, id="live:on")["_source"]
        assert signal["viewers"] == crowd("on", 100, now + timedelta(seconds=90))
        assert 85 <= signal["viewers"] <= 115

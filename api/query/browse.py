"""The row without words: what is popular, and lives that are on before those that are not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.query.filters import live_now
from api.rooms import NO_ROOMS, Rooms
from stack.documents import Kind


def browse_query(kind: Kind, now: datetime, heartbeat_s: int, rooms: Rooms = NO_ROOMS) -> dict[str, Any]:
    """Scores from 0 to 1 by popularity; a live that is on gets 1 more."""
    popular: dict[str, Any] = {
        "function_score": {
            "query": {"match_all": {}},
            "field_value_factor": {"field": "popularity", "missing": 0},
            "boost_mode": "replace",
        }
    }
    if kind != "live":
        return popular
    on = live_now(now, heartbeat_s, rooms)
    return {"bool": {"must": [popular], "should": [{"constant_score": {"filter": on}}]}}

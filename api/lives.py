"""Is a live on? A heartbeat that is too old means it has ended, whatever its document says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any


def effective_status(status: str | None, heartbeat_at: datetime | None, now: datetime, heartbeat_s: int) -> str | None:
    """`live` with a heartbeat older than `heartbeat_s` seconds, or none, is `ended`; all else stays."""
    if status != "live":
        return status
    fresh = heartbeat_at is not None and now - heartbeat_at <= timedelta(seconds=heartbeat_s)
    return "live" if fresh else "ended"


def correct_status(document: dict[str, Any], now: datetime, heartbeat_s: int) -> dict[str, Any]:
    """A stored live with the status that it really has."""
    beat = document.get("heartbeat_at")
    status = effective_status(document.get("status"), datetime.fromisoformat(beat) if beat else None, now, heartbeat_s)
    return document | {"status": status}

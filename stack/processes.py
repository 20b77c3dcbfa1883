"""Is a process that was started earlier still the same one? Its pid alone does not say: pids are used again."""

from __future__ import annotations

import psutil

SAME_START_S = 1.0  # psutil derives the start from clock ticks since boot, which moves when the clock is set


def running(pid: int, create_time: float) -> psutil.Process | None:
    """The process with this pid and start (seconds since 1970); None when it ended or the pid is another's by now."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process if abs(process.create_time() - create_time) < SAME_START_S else None
    except psutil.NoSuchProcess:
        return None

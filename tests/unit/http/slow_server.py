"""`python slow_server.py PORT SECONDS DRAIN`: the application over a core that answers each call after SECONDS."""

from __future__ import annotations

import sys

from fake_core import FakeCore

from api.http.server import run
from stack.settings import load_settings


def main(port: str, seconds: str, drain_s: str) -> None:
    settings = load_settings(api_port=int(port), deadline_ms=60_000, drain_s=float(drain_s), log_level="info")
    run(settings, announce=_say, open_searcher=FakeCore(delay_s=float(seconds)).open)


def _say(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

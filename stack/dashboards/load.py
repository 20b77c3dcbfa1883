"""Saved objects into Dashboards, by its import API: one multipart request that replaces objects of the same ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import urllib3

from stack.errors import ConfigError, EngineError, EngineUnavailableError
from stack.settings import Settings

IMPORT = "/api/saved_objects/_import"
FILE = "souk.ndjson"  # Dashboards refuses other endings
TIMEOUT_S = 30
# `osd-xsrf`: Dashboards refuses writes without it. `securitytenant`: with the security plugin objects would otherwise
# go into the private space of the user that loads them, where nobody else sees them. Not seen on a real Dashboards.
HEADERS = {"osd-xsrf": "true", "securitytenant": "global"}


@dataclass(frozen=True)
class Loaded:
    """What Dashboards said of the import."""

    count: int
    errors: tuple[str, ...] = ()


def load(settings: Settings, url: str, ndjson: bytes) -> Loaded:
    """Import and replace. Raises EngineUnavailableError when Dashboards is not there (yet), EngineError when it
    refuses, ConfigError for a wrong user or password."""
    pool = urllib3.PoolManager(ca_certs=str(settings.opensearch_ca) if settings.opensearch_ca else None)
    try:
        answer = pool.request(
            "POST",
            f"{url.rstrip('/')}{IMPORT}?overwrite=true",
            fields={"file": (FILE, ndjson, "application/ndjson")},
            headers=_headers(settings),
            timeout=TIMEOUT_S,
            retries=False,
        )
    except urllib3.exceptions.LocationParseError as error:
        raise ConfigError(f"--url {url}: {error}", "Write an address like http://dashboards:5601") from error
    except urllib3.exceptions.HTTPError as error:
        raise EngineUnavailableError(
            f"Dashboards at {url} cannot be reached: {error}", "Is it up? It takes a minute to start"
        ) from error
    return _loaded(answer.status, answer.data, url)


def _headers(settings: Settings) -> dict[str, str]:
    if not settings.opensearch_user:
        return dict(HEADERS)
    password = settings.opensearch_password.get_secret_value() if settings.opensearch_password else ""
    return HEADERS | urllib3.make_headers(basic_auth=f"{settings.opensearch_user}:{password}")


def _loaded(status: int, data: bytes, url: str) -> Loaded:
    try:
        answer: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        answer = None
    said = answer.get("message", "") if isinstance(answer, dict) else ""
    if status in (401, 403):
        raise ConfigError(
            f"Dashboards at {url} refused us (HTTP {status}): {said}",
            "Check SOUK_OPENSEARCH_USER and SOUK_OPENSEARCH_PASSWORD and that user's rights",
        )
    if status in (429, 502, 503, 504):
        raise EngineUnavailableError(f"Dashboards at {url} is not ready (HTTP {status})", "Try again in a moment")
    if status != 200 or not isinstance(answer, dict) or "success" not in answer:
        raise EngineError(f"Dashboards at {url} refused the import (HTTP {status}): {said}", "Is that its address?")
    errors = tuple(
        f"{each.get('type')} {each.get('id')}: {(each.get('error') or {}).get('type', 'unknown')}"
        for each in answer.get("errors") or []
    )
    return Loaded(int(answer.get("successCount", 0)), errors)


def load_when_ready(
    settings: Settings,
    url: str,
    ndjson: bytes,
    wait_s: float,
    clock: Callable[[], float],
    wait: Callable[[float], None],
) -> Loaded:
    """The same, tried again every two seconds for so long: beside a cluster that starts, Dashboards comes last."""
    until = clock() + wait_s
    while True:
        try:
            return load(settings, url, ndjson)
        except EngineUnavailableError:
            if clock() >= until:
                raise
            wait(2.0)

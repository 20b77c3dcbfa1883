"""A cursor as text: where a walk stands, sealed, so that nobody can change it on its way.

    1 . base64url( 16 bytes of HMAC-SHA256 + deflated JSON )

The key comes from the password of the engine, which all API processes have and nobody else; with an engine that has no
password the seal shows what was cut short or mixed up, and whoever makes up a cursor gets no more than a search gives.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from datetime import datetime
from typing import Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.query.plan import FIRST_CURSOR
from stack.documents import Kind
from stack.errors import ExpiredError, InputError, Mistake
from stack.settings import Settings

VERSION = "1"
SEAL = 16
MOST_BYTES = 256 * 1024
AGAIN = f"Start again with cursor={FIRST_CURSOR}"


class Walk(BaseModel):
    """Where a walk stands. `points` are the points in time by kind, `after` the sort values of each kind's last hit
    (None: nothing of it was given yet), `given` how many hits were, `search` the search's fingerprint.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    now: datetime
    points: dict[Kind, str]
    after: dict[Kind, list[float | int | str | None] | None]
    given: Annotated[int, Field(ge=0)]
    search: str


def key_of(settings: Settings) -> bytes:
    """The key that seals the cursors of all processes on these settings."""
    password = settings.opensearch_password
    secret = password.get_secret_value() if password else ""
    return hashlib.blake2b(f"cursor {settings.index_prefix} {secret}".encode(), digest_size=32).digest()


def seal(walk: Walk, key: bytes) -> str:
    """The cursor of a walk."""
    content = zlib.compress(orjson.dumps(walk.model_dump(mode="json")), 6)
    return f"{VERSION}." + base64.urlsafe_b64encode(_mac(content, key) + content).decode().rstrip("=")


def unseal(cursor: str, key: bytes) -> Walk:
    """The walk of a cursor.

    Raises InputError for one that was not given here or was changed; ExpiredError for one of another version.
    """
    version, dot, text = cursor.partition(".")
    if dot and version.isdecimal() and version != VERSION:
        raise ExpiredError(f"this cursor is of version {version}, cursors now are of version {VERSION}", AGAIN)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _unknown() from None
    mac, content = raw[:SEAL], raw[SEAL:]
    if version != VERSION or not hmac.compare_digest(mac, _mac(content, key)):
        raise _unknown()
    try:
        return Walk.model_validate_json(zlib.decompressobj().decompress(content, MOST_BYTES))
    except (zlib.error, ValidationError):
        raise _unknown() from None


def _mac(content: bytes, key: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")[:SEAL]


def _unknown() -> InputError:
    what = "is none that was given here, or was changed or cut short on its way"
    return InputError([Mistake("cursor", what)], AGAIN)

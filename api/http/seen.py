"""What a reader looked at lately: ids in a cookie of ours. Nothing of it is kept here, and no script is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from stack.documents import KINDS, Kind

COOKIE = "seen"
KEPT = 12
LONGEST_ID = 100
"""Items with longer ids are not remembered: a browser keeps some 4 kB of cookies for us."""
THIRTY_DAYS_S = 30 * 24 * 3600
ENTRY = re.compile(rf"({'|'.join(KINDS)}):([^:|\s]+)")


@dataclass(frozen=True)
class Seen:
    """`(kind, id)` pairs, the latest first, each once, at most `KEPT`."""

    items: tuple[tuple[Kind, str], ...] = ()

    @classmethod
    def of(cls, request: Request) -> Seen:
        """What the cookie says; what is no entry of ours in it is passed over."""
        parts = request.cookies.get(COOKIE, "").split("|")[: 2 * KEPT]
        found = [match for part in parts if (match := ENTRY.fullmatch(part))]
        return cls(tuple(dict.fromkeys((cast(Kind, match[1]), unquote(match[2])) for match in found))[:KEPT])

    def with_item(self, kind: Kind, id: str) -> Seen:
        if len(quote(id, safe="")) > LONGEST_ID:
            return self
        return Seen(tuple(dict.fromkeys(((kind, id), *self.items)))[:KEPT])

    def without(self, kind: Kind, id: str) -> Seen:
        return Seen(tuple(each for each in self.items if each != (kind, id)))

    def keep(self, request: Request, response: Response) -> None:
        """Write the cookie: for this site alone, out of scripts' reach."""
        value = "|".join(f"{kind}:{quote(id, safe='')}" for kind, id in self.items)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, value, max_age=THIRTY_DAYS_S, httponly=True, samesite="lax", secure=secure)

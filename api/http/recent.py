"""Cards of what a reader looked at lately."""

from __future__ import annotations

from api.http.core import SearchCore
from api.http.item_view import as_hits
from api.http.page_cards import Card, Shown, cards
from api.http.seen import Seen
from api.model import Hit
from stack.errors import SoukError


async def recent(core: SearchCore, seen: Seen, shown: Shown) -> list[Card]:
    """The latest first. What is gone since is left out, and all of it when it cannot be had: a page can do without."""
    if not seen.items:
        return []
    try:
        found = await core.items(seen.items)
    except SoukError:
        return []
    hits: list[Hit] = [
        hit for kind, id in seen.items if (kind, id) in found for hit in as_hits(kind, [found[kind, id]])
    ]
    return cards(hits, Shown(shown.hosts, first=False))

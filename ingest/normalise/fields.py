"""One cleaner a field: raw value → clean value, or None when the field is empty. ValueError says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ingest.normalise.category import category_path
from ingest.normalise.hosts import is_internal
from ingest.normalise.instants import instant
from ingest.normalise.language import language
from ingest.normalise.lists import hashtags, items, labels
from ingest.normalise.numbers import number, whole
from ingest.normalise.text import clean
from stack.documents import DocumentKind

Cleaner = Callable[[Any], Any]

LONGEST_TEXT = 200_000  # of a field of a document (stack.documents.Text)
# Before markup is taken out; more is not even cleaned, which would take seconds.
LONGEST_RAW = 1_000_000


def text(value: Any) -> str | None:
    """Clean text; a number becomes its digits. None when nothing is left."""
    if isinstance(value, str):
        if len(value) > LONGEST_RAW or len(value := clean(value)) > LONGEST_TEXT:
            raise ValueError(f"has {len(value):,} characters, at most {LONGEST_TEXT:,} are taken")
        return value or None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("not a text")
    return identifier(value)


def identifier(value: Any) -> str | None:
    """An id as text; a table may have read it as a number."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("neither a text nor a whole number")
    return str(value)


def identifiers(value: Any) -> tuple[str, ...]:
    """Ids, each once."""
    return tuple(dict.fromkeys(found for found in map(identifier, items(value)) if found))


def url(value: Any) -> str | None:
    """An address, with spaces escaped as browsers do; `//host/path` gets its scheme."""
    if not isinstance(value, str):
        raise ValueError("not a web address")
    address = value.strip().replace(" ", "%20")
    if is_internal(address):
        raise ValueError("leads to an internal address")
    return f"https:{address}" if address.startswith("//") else address or None


def urls(value: Any) -> tuple[str, ...]:
    """Addresses, each once."""
    return tuple(dict.fromkeys(found for found in map(url, items(value)) if found))


def product_links(value: Any) -> list[dict[str, Any]]:
    """Products of a video: ids, or objects with id, confidence, from_s, to_s."""
    return [dict(entry) if isinstance(entry, dict) else {"id": identifier(entry)} for entry in items(value)]


def json_object(value: Any) -> dict[str, Any]:
    """An object; a text must be JSON, and Parquet writes a map as pairs."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise ValueError("not a JSON object") from None
    if isinstance(value, list):
        try:
            value = dict(value)
        except (TypeError, ValueError):
            raise ValueError("neither an object nor a list of pairs") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if not all(isinstance(name, str) for name in value):  # only pairs can have them
        raise ValueError("has a name that is no text")
    return value


def lower(value: Any) -> str:
    """A word of a fixed list, like a status."""
    return str(value).strip().lower()


def country(value: Any) -> str:
    """An ISO 3166 code; `uk` is what people write for GB."""
    code = str(value).strip().upper()
    return "GB" if code == "UK" else code


DOCUMENT: dict[str, Cleaner] = {
    "id": identifier,
    "title": text,
    "description": text,
    "language": language,
    "category": category_path,
    "updated_at": instant,
}
# price, list_price, currency and attributes are cleaned together, in product.py.
PRODUCT: dict[str, Cleaner] = DOCUMENT | {
    "brand": text,
    "model": text,
    "gtin": labels,
    "group_id": identifier,
    "stock": whole,
    "images": urls,
    "seller_id": identifier,
    "seller_name": text,
    "rating": number,
    "rating_count": whole,
    "sales": whole,
    "returns": whole,
    "created_at": instant,
}
VIDEO: dict[str, Cleaner] = DOCUMENT | {
    "hashtags": hashtags,
    "creator_id": identifier,
    "creator_name": text,
    "duration_s": number,
    "transcript": text,
    "on_screen_text": text,
    "visual_tags": labels,
    "poster": url,
    "media": url,
    "captions": url,
    "products": product_links,
    "views": whole,
    "likes": whole,
    "comments": whole,
    "published_at": instant,
}
LIVE: dict[str, Cleaner] = DOCUMENT | {
    "status": lower,
    "host_id": identifier,
    "host_name": text,
    "products": identifiers,
    "product_now": identifier,
    "viewers": whole,
    "followers": whole,
    "poster": url,
    "heartbeat_at": instant,
    "scheduled_at": instant,
    "started_at": instant,
    "ended_at": instant,
}
# A seller's and a creator's title is a name, and most files call it so.
PROFILE: dict[str, Cleaner] = DOCUMENT | {
    "joined_at": instant,
    "followers": whole,
    "picture": url,
}
SELLER: dict[str, Cleaner] = PROFILE | {
    "country": country,
    "rating": number,
    "rating_count": whole,
    "sales": whole,
    "returns": whole,
}
CLEANERS: dict[DocumentKind, dict[str, Cleaner]] = {
    "product": PRODUCT,
    "video": VIDEO,
    "live": LIVE,
    "seller": SELLER,
    "creator": PROFILE,
}
_PROFILE_NAMES = {"name": "title", "about": "description", "avatar": "picture", "logo": "picture"}
# Other names that a column may have; the field's own name goes before them.
OTHER_NAMES: dict[DocumentKind, dict[str, str]] = {
    "seller": _PROFILE_NAMES | {"seller_id": "id", "seller_name": "title"},
    "creator": _PROFILE_NAMES | {"creator_id": "id", "creator_name": "title", "host_id": "id", "host_name": "title"},
}

"""The text of a document that its vector is made from: every field that says what the thing is, most telling first.

Two passages: the fields as they are written, and the same without words that were said before, which brings more of the
later fields within the encoder's token limit. The vector is the mean of the passages' vectors; what this gains is in
docs/decisions/embedding-text.md. Change anything here and raise `card.TEXT_VERSION`.
"""

from __future__ import annotations

import re
from functools import singledispatch

from stack.documents import Document, Live, Product, Video, attribute_text

# A control character: clean text cannot hold it.
PASSAGE_BREAK = "\x1e"
# The encoder reads a few hundred characters; more would be hashed and tokenised only to be cut.
LONGEST = 4_000


def document_text(document: Document) -> str:
    """The passages of a document, joined by PASSAGE_BREAK; one alone when the second would say the same."""
    parts = [part.strip(" .") for part in describing_fields(document) if part and part.strip(" .")]
    written = ". ".join(parts)[:LONGEST]
    terse = ". ".join(without_repeats(parts))[:LONGEST]
    return written if terse == written else f"{written}{PASSAGE_BREAK}{terse}"


def without_repeats(parts: list[str]) -> list[str]:
    """`["HP Pavilion Laptop", "Laptop", "HP laptop, 17 inch"]` → `["HP Pavilion Laptop", "17 inch"]`."""
    seen: set[str] = set(_pieces(parts[0])) if parts else set()
    kept = parts[:1]
    for part in parts[1:]:
        words = []
        for word in part.split():
            pieces = _pieces(word)
            if not pieces or not seen.issuperset(pieces):
                words.append(word)
            seen.update(pieces)
        if any(map(_pieces, words)):
            kept.append(" ".join(words))
    return kept


def _pieces(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


@singledispatch
def describing_fields(document: Document) -> list[str | None]:
    """The fields that describe a document, most telling first."""
    raise TypeError(f"no text for a {type(document).__name__}")


@describing_fields.register
def _product(product: Product) -> list[str | None]:
    return [product.title, _leaf(product), product.brand, product.description, attribute_text(product.attributes)]


@describing_fields.register
def _video(video: Video) -> list[str | None]:
    return [
        video.title,
        _leaf(video),
        " ".join(tag.lstrip("#") for tag in video.hashtags),
        video.creator_name,
        video.on_screen_text,
        " ".join(video.visual_tags),
        video.description,
        video.transcript,
    ]


@describing_fields.register
def _live(live: Live) -> list[str | None]:
    return [live.title, _leaf(live), live.host_name, live.description]


def _leaf(document: Document) -> str | None:
    return document.category[-1] if document.category else None

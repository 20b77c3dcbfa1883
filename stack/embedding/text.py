"""The text of a document that its vector is made from: every field that says what the thing is, most telling first.

Two passages. The first is the fields as they are written. The second is the same without words that were said before,
and of the attributes only their words: that brings more of the later fields within the encoder's token limit. The
vector is the mean of both; what this gains is in docs/decisions/embedding.md. Change anything here and raise
`card.TEXT_VERSION`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import singledispatch

from stack.documents import Document, Live, Product, Video, attribute_text

# A control character: clean text cannot hold it.
PASSAGE_BREAK = "\x1e"
# The encoder reads a few hundred characters; more would be hashed and tokenised only to be cut.
LONGEST = 4_000


def document_text(document: Document) -> str:
    """The passages of a document, joined by PASSAGE_BREAK; one alone when the second would say the same."""
    fields = describing_fields(document)
    written = ". ".join(_present(fields.written))[:LONGEST]
    terse = ". ".join(without_repeats(_present(fields.terse)))[:LONGEST]
    return written if terse == written else f"{written}{PASSAGE_BREAK}{terse}"


def _present(parts: list[str | None]) -> list[str]:
    return [part.strip(" .") for part in parts if part and part.strip(" .")]


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


@dataclass(frozen=True)
class Fields:
    """The describing fields of a document, most telling first, for each of the two passages."""

    written: list[str | None]
    terse: list[str | None]


@singledispatch
def describing_fields(document: Document) -> Fields:
    """The fields that describe a document."""
    raise TypeError(f"no text for a {type(document).__name__}")


@describing_fields.register
def _product(product: Product) -> Fields:
    head = [product.title, _leaf(product), product.brand, product.description]
    return Fields([*head, attribute_text(product.attributes)], [*head, _attribute_words(product)])


@describing_fields.register
def _video(video: Video) -> Fields:
    fields = [
        video.title,
        _leaf(video),
        " ".join(tag.lstrip("#") for tag in video.hashtags),
        video.creator_name,
        video.on_screen_text,
        " ".join(video.visual_tags),
        video.description,
        video.transcript,
    ]
    return Fields(fields, fields)


@describing_fields.register
def _live(live: Live) -> Fields:
    fields = [live.title, _leaf(live), live.host_name, live.description]
    return Fields(fields, fields)


def _attribute_words(product: Product) -> str:
    """The values that are words: numbers and flags say little without their names."""
    values = [value for each in product.attributes.values() for value in (each if isinstance(each, tuple) else (each,))]
    return ", ".join(value for value in values if isinstance(value, str) and not value.replace(".", "").isdigit())


def _leaf(document: Document) -> str | None:
    return document.category[-1] if document.category else None

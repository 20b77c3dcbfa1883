"""The text of a document that its vector is made from: every field that says what the thing is, most telling first.

The encoder reads the first `model_max_tokens` only, so order matters; see docs/decisions/embedding-text.md for what was
measured. Change anything here and raise `card.TEXT_VERSION`.
"""

from __future__ import annotations

from functools import singledispatch

from stack.documents import Document, Live, Product, Video, attribute_text


@singledispatch
def document_text(document: Document) -> str:
    """`Product(title="Acme TV 42", brand="Acme", …)` → `"Acme TV 42. Televisions. Acme. Full HD …. colour Black"`."""
    raise TypeError(f"no text for a {type(document).__name__}")


@document_text.register
def _product(product: Product) -> str:
    return _join(
        product.title,
        _leaf(product),
        product.brand,
        product.description,
        attribute_text(product.attributes),
    )


@document_text.register
def _video(video: Video) -> str:
    return _join(
        video.title,
        _leaf(video),
        " ".join(tag.lstrip("#") for tag in video.hashtags),
        video.creator_name,
        video.on_screen_text,
        " ".join(video.visual_tags),
        video.description,
        video.transcript,
    )


@document_text.register
def _live(live: Live) -> str:
    return _join(live.title, _leaf(live), live.host_name, live.description)


def _leaf(document: Document) -> str | None:
    return document.category[-1] if document.category else None


def _join(*parts: str | None) -> str:
    # The encoder reads a few hundred characters; more would only be hashed and tokenised to be cut.
    return ". ".join(part.strip(" .") for part in parts if part)[:4_000]

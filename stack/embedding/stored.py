"""Documents and vectors as an index gives them back, so that they are what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from stack.documents import DOCUMENT_TYPES, AnyDocument, Document, DocumentKind, Product, attribute_values

VECTOR_FIELD = "text_vector"
# Beside it, as columns: what the final stage ranks by (`sketch.py`).
SKETCHES = ("text_sketch", "title_sketch")
# Each `name=value` in the order of the source: k-NN 3.5 gives `attributes` back in another order than they were sent.
ORDERED = "attribute_values"
# A script field that gives the vector of a hit, or null. It must copy: the engine reads each vector of a segment into
# the same array and writes the hits out at the end, so that without a copy all hits have the vector of the last one.
STORED_VECTOR = (
    f"if (doc['{VECTOR_FIELD}'].size() == 0) return null; float[] read = doc['{VECTOR_FIELD}'].value; "
    "float[] kept = new float[read.length]; for (int i = 0; i < read.length; i++) { kept[i] = read[i]; } return kept"
)

# The part of a search that gives it, one compiled script for all.
WITH_VECTOR: dict[str, Any] = {"script_fields": {VECTOR_FIELD: {"script": {"source": STORED_VECTOR}}}}


def vector_of(hit: Mapping[str, Any]) -> list[float] | None:
    """The vector of a hit of a search `WITH_VECTOR`; None for a document that has none."""
    found: list[list[float] | None] = hit.get("fields", {}).get(VECTOR_FIELD) or [None]
    return found[0]


def stored_document(kind: DocumentKind, source: dict[str, Any]) -> AnyDocument:
    """The document that a stored `_source` was made from. Fields that only the index has are left out."""
    known = DOCUMENT_TYPES[kind]
    document = known.model_validate({name: source[name] for name in known.model_fields if name in source})
    return in_order(document, source.get(ORDERED, ()))


D = TypeVar("D", bound=Document)


def in_order(document: D, entries: Sequence[str]) -> D:
    """A product with its attributes in the order of its source, `entries`: the encoder reads the first of them only."""
    if not isinstance(document, Product):
        return document
    places = {entry: place for place, entry in enumerate(entries)}
    first = {name: attribute_values({name: value})[:1] for name, value in document.attributes.items()}
    ordered = sorted(first, key=lambda name: min((places.get(entry, len(places)) for entry in first[name]), default=0))
    return document.model_copy(update={"attributes": {name: document.attributes[name] for name in ordered}})

"""Documents and vectors as an index gives them back, so that they are what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from stack.documents import DOCUMENT_TYPES, AnyDocument, Document, DocumentKind, Product, attribute_values

# Each `name=value` in the order of the source: k-NN 3.5 gives `attributes` back in another order than they were sent.
ORDERED = "attribute_values"
# A script field that gives the vector of a hit, or null. It must copy: the engine reads each vector of a segment into
# the same array and writes the hits out at the end, so that without a copy all hits have the vector of the last one.
STORED_VECTOR = (
    "if (doc['text_vector'].size() == 0) return null; float[] read = doc['text_vector'].value; "
    "float[] kept = new float[read.length]; for (int i = 0; i < read.length; i++) { kept[i] = read[i]; } return kept"
)


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

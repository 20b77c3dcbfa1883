"""The request for one page: the documents by id, with the words marked where they were found."""

from __future__ import annotations

from typing import Any

from stack.documents import Kind

# Marks that cannot be in a text: queries and documents lose them. The page makes tags of them after escaping.
MARK_START, MARK_END = "\ue000", "\ue001"
HIDDEN = [
    "text_vector",
    "text_sketch",
    "title_sketch",
    "completeness",
    "title_words",
    "content_hash",
    "vector_hash",
    "ingested_from",
    "attribute_values",
    "attribute_text",
    "model_keys",
]
HIGHLIGHTED: dict[Kind, list[str]] = {
    "product": ["title", "description"],
    "video": ["title", "description", "transcript"],
    "live": ["title", "description"],
}


def page_body(ids: list[str], kind: Kind, text: str, language: str) -> dict[str, Any]:
    """The body that fetches `ids`. Offsets are found again from the stored text: a page has few hits."""
    body: dict[str, Any] = {
        "size": len(ids),
        "query": {"ids": {"values": ids}},
        "_source": {"excludes": HIDDEN},
        "track_total_hits": False,
    }
    if text:
        body["highlight"] = _highlight(HIGHLIGHTED[kind], text, language)
    return body


def _highlight(fields: list[str], text: str, language: str) -> dict[str, Any]:
    names = [f"{name}.{language}" for name in fields]
    return {
        "pre_tags": [MARK_START],
        "post_tags": [MARK_END],
        "max_analyzer_offset": 20_000,
        "highlight_query": {"multi_match": {"query": text, "fields": names}},
        "fields": {
            name: {"number_of_fragments": 0}
            if name.startswith("title.")
            else {"fragment_size": 160, "number_of_fragments": 1}
            for name in names
        },
    }

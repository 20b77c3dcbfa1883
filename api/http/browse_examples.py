"""OpenAPI: examples of the answers of `browse_routes.py`, and what their parameters say."""

from __future__ import annotations

from typing import Any

from api.http.examples import ITEM

TYPES = "only these, by commas or repeated"
FIELD = "a facet of `GET /v1/fields`, or `attr.<name>`"
# Of a search's parameters those that decide what the values are counted in.
NARROWING = ("q", "types", "language", "without", "filter.<field>", "filter.<field>.gte", "filter.<field>.lte")

SUGGESTIONS: dict[str, Any] = {
    "q": "wirless m",
    "took_ms": 4.2,
    "suggestions": [
        {
            "kind": "query",
            "text": "wireless mouse",
            "marked": [[0, 10]],
            "href": "/search?q=wireless+mouse",
            "detail": "Mice",
            "corrected": True,
        },
        {
            "kind": "product",
            "text": "Logi M185 Wireless Mouse",
            "marked": [[10, 20]],
            "href": "/items/product/4711",
            "detail": "14.90 EUR",
            "corrected": True,
        },
    ],
}
SIMILAR: dict[str, Any] = {"items": [{"type": "product", "id": "4711", "score": 0.83, "document": ITEM}]}
CATEGORIES: dict[str, Any] = {
    "categories": [
        {
            "name": "Electronics",
            "path": ["Electronics"],
            "value": "Electronics",
            "count": 123,
            "counts": {"product": 120, "video": 3},
            "children": [
                {
                    "name": "Mice",
                    "path": ["Electronics", "Mice"],
                    "value": "Electronics > Mice",
                    "count": 41,
                    "counts": {"product": 41},
                    "children": [],
                }
            ],
        }
    ]
}
FACET: dict[str, Any] = {"field": "brand", "values": [{"value": "Sony", "label": "Sony", "count": 12}]}


def ok(example: Any) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route whose answer looks so."""
    return {200: {"content": {"application/json": {"example": example}}}}

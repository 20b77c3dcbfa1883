"""OpenAPI: the examples of requests and answers, and the query string of a search as parameters."""

from __future__ import annotations

from typing import Any

from api.model import SearchRequest

REQUESTS: dict[str, Any] = {
    "words": {"summary": "words only", "value": {"q": "wireless mouse"}},
    "filtered": {
        "summary": "filters, facets and a sort",
        "value": {
            "q": "laptop",
            "types": ["product"],
            "filters": {"brand": ["HP", "Acer"], "price": {"gte": 300, "lte": 900}, "in_stock": True},
            "facets": ["brand", "category"],
            "sort": "price_asc",
            "size": 10,
        },
    },
    "explained": {
        "summary": "without correcting the words, and why each hit stands where it does",
        "value": {"q": "wirless mouse", "without": ["spelling"], "explain": True},
    },
    "walked": {
        "summary": "all that matches, page by page",
        "value": {"q": "mouse", "sort": "newest", "size": 100, "cursor": "*"},
    },
    "browse": {"summary": "no words: the most popular", "value": {"q": "", "facets": ["category"]}},
}

ANSWER: dict[str, Any] = {
    "query_id": "0d9f2c61b7e84f0f9a53a1c0de5b7a11",
    "q": "wirless mouse",
    "query": {
        "text": "wireless mouse",
        "language": "en",
        "corrections": [{"from": "wirless", "to": "wireless"}],
        "variants": [],
        "spans": [],
        "excluded": [],
        "price": None,
        "categories": [{"path": "Electronics > Mice", "probability": 0.91}],
        "intent": {"product": 0.84, "video": 0.12, "live": 0.04},
        "steps": [{"name": "spelling", "before": "wirless mouse", "after": "wireless mouse", "certainty": 0.99}],
        "version": "20250301-1200",
        "relaxed": None,
    },
    "mode": "portable",
    "fusion": "score",
    "models": {"product": "20250301-1200-1a2b3c"},
    "page": 1,
    "size": 20,
    "totals": {
        "product": {"value": 41, "exact": True},
        "video": {"value": 6, "exact": True},
        "live": {"value": 1, "exact": True},
    },
    "reachable": 48,
    "next_cursor": None,
    "hits": [
        {
            "type": "product",
            "id": "4711",
            "position": 1,
            "score": 0.94,
            "routes": {"lexical": 18.2, "vector": 0.83},
            "highlights": {"title": ["Logi M185 <em>Wireless</em> <em>Mouse</em>"]},
            "explanation": {
                "summary": "Found by its words (3rd) and its meaning (2nd). Up from 2nd to 1st of its kind; "
                "for it: the words in the title.",
                "routes": {"lexical": 3, "vector": 2},
                "first_stage": 2,
                "final_stage": 1,
                "model": "20250301-1200-1a2b3c",
                "score": 1.31,
                "average": 0.2,
                "reasons": [
                    {"feature": "title_bm25", "label": "the words in the title", "value": 11.4, "effect": 1.11}
                ],
            },
            "document": {
                "id": "4711",
                "title": "Logi M185 Wireless Mouse",
                "brand": "Logi",
                "category": ["Electronics", "Mice"],
                "price": 14.9,
                "currency": "EUR",
                "updated_at": "2025-03-01T12:00:00+00:00",
            },
        }
    ],
    "facets": [{"field": "brand", "values": [{"value": "Logi", "count": 12, "selected": False}]}],
    "degraded": [],
    "took_ms": 21.4,
    "stages": [{"name": "recall", "took_ms": 14.2, "candidates_in": None, "candidates_out": 320, "note": ""}],
    "debug": None,
}

QUERY: dict[str, Any] = {
    "mode": "portable",
    "can": {"hybrid": False, "ltr": False},
    "portable": [
        {
            "title": "product: lexical",
            "method": "POST",
            "path": "/souk-products/_search",
            "body": {"query": {"match": {"title": "wireless mouse"}}, "size": 100},
            "dev_tools": "# product: lexical\nPOST /souk-products/_search\n"
            '{"query":{"match":{"title":"wireless mouse"}},"size":100}',
        }
    ],
    "native": [],
}

ITEM: dict[str, Any] = ANSWER["hits"][0]["document"]

PARAMETER_EXAMPLES: dict[str, str] = {
    "q": "wireless mouse",
    "types": "product,video",
    "sort": "relevance",
    "page": "1",
    "size": "20",
    "cursor": "*",
    "facets": "brand,category",
    "language": "en",
    "routes": "lexical,vector",
    "without": "spelling,final_stage",
}
FILTER_PARAMETERS: tuple[tuple[str, str, str], ...] = (
    (
        "filter.<field>",
        "HP",
        "a value of a field, or a range like `10..50`, `10..` or `..50`; repeat it for any of several",
    ),
    ("filter.<field>.gte", "10", "the lowest value, inclusive"),
    ("filter.<field>.lte", "50", "the highest value, inclusive"),
)


def search_parameters() -> list[dict[str, Any]]:
    """The parameters of `GET /v1/search`, with the bounds that SearchRequest declares."""
    schemas = SearchRequest.model_json_schema()["properties"]
    parameters = [_parameter(name, schema) for name, schema in schemas.items() if name != "filters"]
    return parameters + [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}, "example": example}
        for name, example, text in FILTER_PARAMETERS
    ]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": "query", "schema": {k: schema[k] for k in schema if k != "title"}}
    if "description" in schema:
        parameter["description"] = schema["description"]
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}  # a,b,c
    if name in PARAMETER_EXAMPLES:
        value = PARAMETER_EXAMPLES[name]
        parameter["example"] = value.split(",") if schema.get("type") == "array" else value
    return parameter

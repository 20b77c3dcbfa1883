"""The catalogue of WANDS as Wayfair publishes it (github.com/wayfair/WANDS): product.csv, tab-separated.

Columns product_id, product_name, product_class, `category hierarchy` (its README writes category_hierarchy),
product_description, product_features (`name:value|name:value`, names repeat), rating_count, average_rating,
review_count. There is no brand, no price and no time of change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any

from ingest.readers import csv
from ingest.record import Record

COLUMNS = frozenset({"product_id", "product_name", "product_class", "product_features"})  # what tells this format
HIERARCHY = ("category hierarchy", "category_hierarchy")
RENAMED = {
    "product_id": "id",
    "product_name": "title",
    "product_description": "description",
    "average_rating": "rating",
    "rating_count": "rating_count",
}


def read(stream: BufferedReader, skip: int = 0) -> Iterator[Record]:
    """Yield the products after the first `skip`, with the fields of a product."""
    for record in csv.read(stream, skip):
        yield record if record.data is None else replace(record, data=to_product(record.data))


def to_product(row: dict[str, Any]) -> dict[str, Any]:
    """One row with the names of a product's fields. The class stands in where there is no hierarchy."""
    product = {name: row[column] for column, name in RENAMED.items() if row.get(column)}
    path = next((row[column] for column in HIERARCHY if row.get(column)), "")
    parts = [part.strip() for part in path.split("/") if part.strip()]
    kind = (row.get("product_class") or "").split("|")[0].strip()
    product["category"] = parts or ([kind] if kind else [])
    product["attributes"] = features(row.get("product_features") or "")
    return product


def features(text: str) -> dict[str, list[str]]:
    """`color:red|material : wood|color:blue` → color: red, blue; material: wood. A part without a name is left out."""
    found: dict[str, list[str]] = {}
    for part in text.split("|"):
        name, _, value = (piece.strip() for piece in part.partition(":"))
        if name and value and value not in found.setdefault(name, []):
            found[name].append(value)
    return {name: values for name, values in found.items() if values}

"""The catalogue of Amazon's Shopping Queries Data Set (github.com/amazon-science/esci-data), as published:

`shopping_queries_dataset_products.parquet` with product_id, product_title, product_description, product_bullet_point,
product_brand, product_color, product_locale. A product of several locales has a row in each, under one id: keep the
locale whose queries are judged, or the last row of a product wins. There is no category, price or time of change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any

from ingest.readers import parquet
from ingest.record import Record

RENAMED = {"product_id": "id", "product_title": "title", "product_brand": "brand"}
TEXTS = ("product_bullet_point", "product_description")
LANGUAGES = {"us": "en", "es": "es", "jp": "ja"}


def read(stream: BufferedReader, skip: int = 0) -> Iterator[Record]:
    """Yield the products after the first `skip`, with the fields of a product."""
    for record in parquet.read(stream, skip):
        yield record if record.data is None else replace(record, data=to_product(record.data))


def to_product(row: dict[str, Any]) -> dict[str, Any]:
    """One row with the names of a product's fields."""
    product: dict[str, Any] = {name: row[column] for column, name in RENAMED.items() if row.get(column)}
    if texts := [row[column] for column in TEXTS if row.get(column)]:
        product["description"] = "\n".join(texts)
    if row.get("product_color"):
        product["attributes"] = {"color": row["product_color"]}
    if language := LANGUAGES.get(row.get("product_locale") or ""):
        product["language"] = language
    return product

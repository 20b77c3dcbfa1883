"""The Icecat catalogue as Chorus publishes it (github.com/querqy/chorus): JSON Lines, one product a line.

`name` is the maker's model number; `price` is in integer minor units, added by Chorus from a US price list, so US
dollars; 5,354 different `attr_*` columns carry the attributes. There is no category: `attr_t_product_type` is the
nearest thing, and becomes a path of one. There is no time of change either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any

from ingest.readers import jsonl
from ingest.record import Record

PRODUCT_TYPE = "attr_t_product_type"
IMAGES = ("img_500x500", "img_high", "img_low", "img_thumb")  # the card's size first
RENAMED = {
    "id": "id",
    "title": "title",
    "name": "model",
    "supplier": "brand",
    "short_description": "description",
    "ean": "gtin",
    "date_released": "created_at",
}
FLAGS = {"Y": True, "N": False}
# `802.11b,802.11g` is a list, `100, 230 V` prose and `1,5` a number: Icecat joins several values without a space.
LIST_COMMA = re.compile(r",(?=\S)")
DECIMAL_COMMA = re.compile(r"\d+,\d+")


def read(stream: BufferedReader, skip: int = 0) -> Iterator[Record]:
    """Yield the products after the first `skip`, with the fields of a product."""
    for record in jsonl.read(stream, skip):
        yield record if record.data is None else replace(record, data=to_product(record.data))


def to_product(row: dict[str, Any]) -> dict[str, Any]:
    """One row of the catalogue with the names of a product's fields; what it does not know stays as it is."""
    product: dict[str, Any] = {}
    for name, value in row.items():
        if name.startswith("attr_"):
            product[name] = _attribute(value)
        elif name in RENAMED:
            product[RENAMED[name]] = value
        elif name == "price":
            product |= {"price": _from_minor_units(value), "currency": "USD"}
        elif name not in IMAGES:
            product[name] = value
    product["images"] = [row[name] for name in IMAGES if row.get(name)]
    if row.get(PRODUCT_TYPE):
        product["category"] = [row[PRODUCT_TYPE]]  # a list is not split: "TV/monitor" is one type
    return product


def _from_minor_units(value: Any) -> Any:
    return value / 100 if isinstance(value, int) and not isinstance(value, bool) else value


def _attribute(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value in FLAGS:
        return FLAGS[value]
    value = value.replace("\\n", ", ")
    if "," not in value or DECIMAL_COMMA.fullmatch(value) or not LIST_COMMA.search(value):
        return value
    parts = [part.strip() for part in LIST_COMMA.split(value)]
    return [part for part in dict.fromkeys(parts) if part]

"""The catalogues of WANDS and ESCI, on small files of the form that they are published in, up to a checked product."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from ingest.columns import Columns
from ingest.readers import detect
from ingest.reading import Reading
from ingest.record import Position
from ingest.sources import find_sources

NOW = datetime(2024, 5, 1, tzinfo=UTC)
WANDS = (
    "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\t"
    "rating_count\taverage_rating\treview_count\n"
    "0\tsolid wood platform bed\tBeds\tFurniture / Bedroom Furniture / Beds & Headboards\tgood , deep sleep\t"
    "overallwidth-sidetoside:64.7|material : wood|material:pine| : gray wood|capacity:7\t15.0\t4.5\t15.0\n"
    "42992\tfletcher 27.5 '' wide armchair\tTeen Lounge Furniture|Accent Chairs\t\t\t\t\t\t\n"
)


def products(file: Path, form: str) -> list[Any]:
    """What ingestion makes of a file; every row must be good."""
    reading = Reading("product", find_sources([str(file)], NOW), form, Columns(), now=NOW)
    reading.check()
    (batch,) = reading.batches(Position())
    assert not batch.refusals
    return [item.document for item in batch.items]


@pytest.mark.parametrize("form", ["auto", "wands"])
def test_wands(tmp_path: Path, form: str) -> None:
    file = tmp_path / "product.csv"
    file.write_text(WANDS, encoding="utf-8")
    bed, chair = products(file, form)
    assert (bed.id, bed.title) == ("0", "solid wood platform bed")
    assert bed.category == ("Furniture", "Bedroom Furniture", "Beds & Headboards")
    assert (bed.rating, bed.rating_count) == (4.5, 15)
    assert bed.attributes["material"] == ("wood", "pine")
    assert "" not in bed.attributes
    assert chair.category == ("Teen Lounge Furniture",)
    assert chair.rating is None


def test_a_table_that_is_not_wands_stays_a_table() -> None:
    assert detect("x", b"product_id\tproduct_name\n", "product").name == "csv"
    assert detect("x", WANDS.encode(), "video").name == "csv"


def test_esci(tmp_path: Path) -> None:
    file = tmp_path / "shopping_queries_dataset_products.parquet"
    rows = [
        {
            "product_id": "B079VKKJN7",
            "product_title": "USB Fan",
            "product_description": "<p>Blows <b>air</b></p>",
            "product_bullet_point": "Quiet\nSmall",
            "product_brand": "Opolar",
            "product_color": "Black",
            "product_locale": "us",
        },
        {
            "product_id": "B0000",
            "product_title": "ventilador",
            "product_description": None,
            "product_bullet_point": None,
            "product_brand": None,
            "product_color": None,
            "product_locale": "es",
        },
    ]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    fan, other = products(file, "esci")
    assert (fan.id, fan.title, fan.brand, fan.language) == ("B079VKKJN7", "USB Fan", "Opolar", "en")
    assert fan.attributes == {"color": "Black"}
    assert "Quiet" in fan.description
    assert "Blows air" in fan.description
    assert (other.brand, other.description, other.language) == (None, None, "es")

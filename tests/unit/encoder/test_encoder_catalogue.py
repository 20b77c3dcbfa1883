"""Files of documents are read or refused by line; a stored product gets its attributes back in their order."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from encoder_material import NOW

from learn.encoder.catalogue import from_files
from stack.documents import Product, Video, index_body
from stack.embedding.stored import in_order
from stack.embedding.text import document_text
from stack.errors import InputError


@pytest.mark.parametrize(
    "attributes",
    [
        {"zoom": 3.0, "colour": "Black", "ports": ("usb", "hdmi"), "a": True, "b": False},
        {"speed=max": "4", "speed": "2", "a=b=c": "d=e"},
        {"type": "a=b"},
    ],
    ids=["plain", "names that hold =", "values that hold ="],
)
def test_attributes_come_back_in_the_order_of_their_source(attributes: dict[str, Any]) -> None:
    sent = Product.model_validate({"id": "1", "title": "Thing", "attributes": attributes, "updated_at": NOW})
    shuffled = sent.model_copy(update={"attributes": dict(reversed(sent.attributes.items()))})
    assert document_text(in_order(shuffled, index_body(sent)["attribute_values"])) == document_text(sent)


def test_a_product_without_an_order_and_a_video_stay_as_they_are() -> None:
    product = Product.model_validate({"id": "1", "title": "Thing", "attributes": {"b": 1, "a": 2}, "updated_at": NOW})
    video = Video.model_validate({"id": "1", "title": "Thing", "updated_at": NOW})
    assert list(in_order(product, []).attributes) == ["b", "a"]  # type: ignore[attr-defined]
    assert in_order(video, []) == video


LINES = '{"id": "1", "title": "Lamp", "brand": "Acme"}\n\n{"id": "2", "title": "Desk", "unknown": 1}\n'


@pytest.mark.parametrize("packed", [False, True])
def test_json_lines_are_read_plain_or_gzip(packed: bool, tmp_path: Path) -> None:
    file = tmp_path / "products.jsonl"
    file.write_bytes(gzip.compress(LINES.encode()) if packed else LINES.encode())
    assert [(document.id, document.title) for document in from_files([file], "product")] == [
        ("1", "Lamp"),
        ("2", "Desk"),
    ]


def test_of_two_records_with_one_id_the_last_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "products.jsonl"
    file.write_text('{"id": "1", "title": "Old"}\n{"id": "1", "title": "New"}\n')
    assert [document.title for document in from_files([file], "product")] == ["New"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "there are no products"),
        ("nonsense\n", "products.jsonl:1: is not JSON"),
        ("[1]\n", "products.jsonl:1: is not an object"),
        ('{"id": "1", "title": "ok"}\n{"id": "2"}\n', "products.jsonl:2: title: Field required"),
        ('{"id": "1", "title": ""}\n', "products.jsonl:1: title"),
    ],
)
def test_what_is_no_catalogue_is_refused_by_its_line(content: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "products.jsonl"
    file.write_text(content)
    with pytest.raises(InputError, match=told) as caught:
        from_files([file], "product")
    assert "ingest other formats" in str(caught.value)


def test_a_missing_and_a_truncated_file_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "cut.jsonl.gz"
    broken.write_bytes(gzip.compress(LINES.encode() * 100)[:-20])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz: cannot be read.*nothing\.jsonl: cannot be read"):
        from_files([broken, tmp_path / "nothing.jsonl"], "product")


def test_many_mistakes_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    file = tmp_path / "products.jsonl"
    file.write_text("nonsense\n" * 50)
    with pytest.raises(InputError, match="30 more are not shown"):
        from_files([file], "product")

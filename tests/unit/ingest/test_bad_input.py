"""What strangers send: each has its named answer, and nothing else of the file is lost."""

from __future__ import annotations

import hashlib
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow
import pytest

from ingest.columns import Columns
from ingest.normalise.hosts import is_internal
from ingest.normalise.money import CODES
from ingest.reading import Reading
from ingest.record import Batch, Position
from ingest.sources import find_sources
from stack.errors import InputError

NOW = datetime(2030, 1, 1, tzinfo=UTC)
GOOD = {"id": "good", "title": "Lamp"}


def reading(file: Path, **options: Any) -> Reading:
    return Reading("product", find_sources([str(file)], NOW), "auto", Columns(), now=NOW, **options)


def read(folder: Path, *rows: dict[str, Any]) -> Batch:
    """One batch of these rows and a good one behind them."""
    file = folder / "shop.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in (*rows, GOOD)))
    batches = list(reading(file).batches(Position()))
    assert batches[-1].items[-1].document.id == "good"
    return Batch(
        0,
        [item for batch in batches for item in batch.items],
        [refusal for batch in batches for refusal in batch.refusals],
    )


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("category", "Audio > Hi-Fi > audio", "category: a category that lies below itself"),
        ("category", ["A", "B", "A"], "category: a category that lies below itself"),
        ("currency", "ZZZ", "currency: not a currency (write an ISO 4217 code, like EUR)"),
        ("currency", "DEM", "currency: not a currency (write an ISO 4217 code, like EUR)"),
        ("price", "12 Galleons", "price: not a currency (write an ISO 4217 code, like EUR)"),
        ("description", "x" * 10_485_760, "description: has 10,485,760 characters, at most 200,000 are taken"),
        ("description", "word " * 40_001, "description: has 200,004 characters, at most 200,000 are taken"),
        ("attributes", {"note": "x" * 300_000}, "attributes: has 300,000 characters, at most 200,000 are taken"),
        ("images", ["https://img.example.com/a.webp", "http://127.0.0.1/a"], "images: leads to an internal address"),
        ("id", "a\x00b", "id: has characters that do not belong there"),
        ("id", "a\nb", "id: has characters that do not belong there"),
        ("title", "\x00\x1b\u200b", "title: is missing"),
    ],
)
def test_a_bad_value_is_refused_by_its_field(tmp_path: Path, field: str, value: Any, reason: str) -> None:
    done = read(tmp_path, {"id": "bad", "title": "Lamp"} | {field: value})
    (refusal,) = done.refusals
    assert refusal.reasons() == [reason]
    assert refusal.line == 1


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("USB\x00\x1b[31m hub\u202e\u2028", "USB hub"),
        ("USB hub<script>alert(1)</script>", "USB hub"),
        ("USB hub <img src=x onerror=alert(1)>", "USB hub"),
        # What was escaped is text, and stays text: pages escape it.
        ("USB hub &lt;script&gt;alert(1)&lt;/script&gt;", "USB hub <script>alert(1)</script>"),
        ("vector<int> {{7*7}} ${jndi:ldap://x}", "vector<int> {{7*7}} ${jndi:ldap://x}"),
    ],
)
def test_markup_goes_and_text_stays_text(tmp_path: Path, raw: str, kept: str) -> None:
    assert read(tmp_path, {"id": "odd", "title": raw}).items[0].document.title == kept


def test_many_long_descriptions_take_no_more_memory_than_one(tmp_path: Path) -> None:
    row = orjson.dumps({"id": "long", "title": "Lamp", "description": "x" * 5_000_000}) + b"\n"
    peaks = []
    for many in (1, 5):
        file = tmp_path / "shop.jsonl"
        file.write_bytes(row * many + orjson.dumps(GOOD) + b"\n")
        tracemalloc.start()
        counts = [(batch.counts.refused, batch.counts.read) for batch in reading(file).batches(Position())]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert counts == [(1, 1)] * many + [(0, 1)]
    assert peaks[1] < 1.5 * peaks[0]


def test_a_level_that_is_said_twice_in_a_row_counts_once(tmp_path: Path) -> None:
    done = read(tmp_path, {"id": "a", "title": "Lamp", "category": "Lamps > Lamps > Desk lamps"})
    assert done.items[0].document.category == ("Lamps", "Desk lamps")


INNER = [
    "http://127.0.0.1/a", "http://127.1/", "http://2130706433/", "http://0x7f000001", "http://0177.0.0.1/", "http://0/",
    "//10.0.0.1/x", "https://192.168.1.1:8080/", "http://172.16.0.9/", "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[fd00::1]/",
    "http://[fe80::1%25eth0]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[not-an-address]/",
    "http://localhost:80", "http://db.localhost/", "http://printer/", "http://cdn.internal./x", "http://nas.local/",
    "http://metadata.google.internal/", "http://example.com@127.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/",
    "http:\\\\127.0.0.1\\a", "http://%31%32%37.0.0.1/", "HTTP://LOCALHOST/",
]  # fmt: skip
OUTER = [
    "https://images.icecat.biz/x.jpg", "/media/a.webp", "http://8.8.8.8/a", "https://[2606:4700::1111]/",
    "https://10.example.com/a", "http://1e100.net/", "https://2k.com/", "https://internal.example.com/",
]  # fmt: skip


@pytest.mark.parametrize(("addresses", "internal"), [(INNER, True), (OUTER, False)])
def test_internal_addresses(addresses: list[str], internal: bool) -> None:
    assert [address for address in addresses if is_internal(address) is not internal] == []


def test_currencies_are_those_of_the_standard() -> None:
    assert len(CODES) > 150
    assert {"EUR", "USD", "JPY", "CHF", "XOF", "VED"} <= CODES
    assert not {"DEM", "FRF", "XXX", "XAU", "BTC"} & CODES


def test_a_cut_zstd_file_gives_what_is_readable_and_says_so(tmp_path: Path) -> None:
    marks = (hashlib.sha256(b"%d" % number).hexdigest().encode() for number in range(6_000))
    rows = b"".join(b'{"id":"%s","title":"Lamp"}\n' % mark for mark in marks)
    packed = bytes(pyarrow.Codec("zstd").compress(rows))
    file = tmp_path / "shop.jsonl.zst"
    file.write_bytes(packed + packed)  # frames one after the other, as parallel packers write them
    counts = [batch.counts for batch in reading(file, batch=5000).batches(Position())]
    assert (sum(one.read for one in counts), sum(one.refused for one in counts)) == (12_000, 0)
    file.write_bytes(packed[: len(packed) // 2])
    batches = list(reading(file, batch=5000).batches(Position()))
    (refusal,) = [refusal for batch in batches for refusal in batch.refusals]
    assert refusal.reasons() == ["record: the file is damaged or cut off here (Truncated compressed stream)"]
    assert sum(len(batch.items) for batch in batches) == refusal.line - 1 > 1_000


@pytest.mark.parametrize("change", ["longer", "newer", "another"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: str) -> None:
    file = tmp_path / "shop.jsonl"
    file.write_bytes(b"".join(b'{"id":"p%d","title":"Lamp"}\n' % number for number in range(1000)))
    made = reading(file)
    batches = made.batches(Position())
    assert next(batches).counts.read == 500
    if change == "longer":
        with file.open("ab") as out:
            out.write(b'{"id":"late","title":"Lamp"}\n')
    elif change == "newer":
        file.write_bytes(file.read_bytes().replace(b"Lamp", b"lamp"))
    else:
        (tmp_path / "new.jsonl").write_bytes(b"")
        (tmp_path / "new.jsonl").replace(file)
    rest: list[Batch] = []
    with pytest.raises(InputError, match=r"shop.jsonl: changed while it was read") as caught:
        rest.extend(batches)
    assert "is written" in caught.value.remedy

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from ingest_streams import problems, stream, write_gzip

from ingest.columns import Columns
from ingest.readers import FORMATS, csv, detect, icecat, jsonl, parquet, youtube
from ingest.reading import Reading
from ingest.record import Position
from ingest.sources import find_sources, open_source, run_identity
from stack.errors import InputError

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_jsonl_goes_on_after_broken_lines() -> None:
    text = b'\xef\xbb\xbf{"id":"a"}\n\n{"id":\n[1]\n{"id":"\xff"}\n' + b'{"id":"' + b"x" * 300 + b'"}\n{"id":"b"}'
    records = list(jsonl.read(stream(text), limit=200))
    assert [record.data["id"] for record in records if record.data] == ["a", "b"]
    assert sorted(problems(records)) == [3, 4, 5, 6]
    assert "not JSON" in problems(records)[3]
    assert problems(records)[4] == "not a JSON object"
    assert problems(records)[6].startswith("longer than")
    assert len(records[4].raw or "") <= 200 + 1  # the rest of the long line was not kept


def test_csv_names_rows_that_do_not_fit_the_header() -> None:
    text = b'\xef\xbb\xbfid;title\r\n1;"two\r\nlines"\r\n2\r\n3;a;b\r\n4;n\x00l\r\n5;caf\xe9\r\n\r\n6;"a;b"\r\n'
    records = list(csv.read(stream(text)))
    good = {record.line: record.data for record in records if record.data}
    assert good == {2: {"id": "1", "title": "two\r\nlines"}, 9: {"id": "6", "title": "a;b"}}
    assert problems(records) == {
        4: "1 columns where the header has 2",
        5: "3 columns where the header has 2",
        6: "holds a NUL byte",
        7: "not UTF-8",
    }


def test_csv_unclosed_quote_costs_a_bounded_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "FIELD_LIMIT", 1000)
    rows = "".join(f"{number},fine\n" for number in range(1000))
    records = list(csv.read(stream(f'id,title\n1,"open\n{rows}')))
    assert "quote" in problems(records)[2]
    assert sum(record.data is not None for record in records) > 800


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_tells_the_delimiter(delimiter: str) -> None:
    text = delimiter.join(['"a,b;c"', "x", "y"]) + "\n" + delimiter.join("123") + "\n"
    assert next(csv.read(stream(text))).data == {"a,b;c": "1", "x": "2", "y": "3"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"id,title\r1,one\r2,two\r", "shop.csv, line 1: ends lines with a bare carriage return"),
        (b"x" * ((1 << 20) + 5) + b"\n", "shop.csv, line 1: is no header"),
        (b"id,title,gr\xf6\xdfe\n1,a,b\n", "shop.csv, header: is not UTF-8"),
        (b"a,a\n1,2\n", "shop.csv, header: names 'a' twice"),
    ],
)
def test_what_is_no_table_is_named_with_a_remedy(tmp_path: Path, text: bytes, what: str) -> None:
    file = tmp_path / "shop.csv"
    file.write_bytes(text)
    reading = Reading("product", find_sources([str(file)], NOW), "auto", Columns(), now=NOW)
    with pytest.raises(InputError) as caught:
        _read_all(reading)
    assert what in caught.value.message
    assert caught.value.remedy


def _read_all(reading: Reading) -> None:
    reading.check()
    list(reading.batches(Position()))


@pytest.mark.parametrize("header", ["a,a", ",,"])
def test_csv_refuses_a_useless_header(header: str) -> None:
    with pytest.raises(InputError):
        list(csv.read(stream(f"{header}\n1,2\n")))


def test_parquet_reads_nested_rows_and_skips_groups(tmp_path: Path) -> None:
    rows = [{"id": number, "tags": ["a"], "size": {"w": 1.5}} for number in range(1200)]
    file = tmp_path / "x.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file, row_group_size=100)
    records = list(parquet.read(open_source(find_sources([str(file)], NOW)[0]).stream, skip=1150))
    assert [record.ordinal for record in records] == list(range(1151, 1201))
    assert records[0].data == rows[1150]
    packed = write_gzip(tmp_path / "x.parquet.gz", file.read_bytes())
    opened = open_source(find_sources([str(packed)], NOW)[0])
    assert detect("x", opened.head, "product").name == "parquet"
    assert sum(1 for _ in parquet.read(opened.stream)) == 1200


NS = 1_714_564_800_000_000_001  # 2024-05-01T12:00:00 and a nanosecond
NOON = datetime(2024, 5, 1, 12)


@pytest.mark.parametrize(
    ("type_", "values", "read"),
    [
        (pyarrow.timestamp("ns"), [NS, None], [NOON, None]),
        (pyarrow.timestamp("ns", "Europe/Berlin"), [NS], [NOON.replace(tzinfo=UTC)]),
        (pyarrow.timestamp("us", "No/Where"), [NS // 1000], [NOON.replace(tzinfo=UTC)]),
        (pyarrow.list_(pyarrow.struct([("at", pyarrow.timestamp("ns"))])), [[{"at": NS}]], [[{"at": NOON}]]),
        (pyarrow.timestamp("us"), [NS // 1000, 1 << 62, 0], [NOON, "cannot be read", datetime(1970, 1, 1)]),
    ],
)
def test_parquet_times_beyond_pythons(type_: Any, values: list[Any], read: list[Any]) -> None:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"at": pyarrow.array(values, type_)}), file)
    records = list(parquet.read(stream(file.getvalue())))
    assert [record.ordinal for record in records] == list(range(1, len(read) + 1))
    for record, expected in zip(records, read, strict=True):
        if record.data is None:
            assert expected in (record.problem or "")
        else:
            assert record.data == {"at": expected}


def test_parquet_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="Parquet"):
        list(parquet.read(stream(b"PAR1 but no more")))


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_skipping_gives_the_same_as_reading_on(name: str) -> None:
    texts = {
        "jsonl": "".join(f'{{"id":"{number}"}}\n\nbroken\n' for number in range(20)),
        "csv": "id,title\n" + "".join(f'{number},"a\nb"\nbroken\n' for number in range(20)),
    }
    whole = list(FORMATS[name].read(stream(texts[name]), 0))
    assert len(whole) == 40
    for skip in (1, 7, 39, 40):
        assert list(FORMATS[name].read(stream(texts[name]), skip)) == whole[skip:]


def test_damaged_gzip_gives_what_is_readable_and_says_so(tmp_path: Path) -> None:
    lines = b"".join(b'{"id":"%d","x":"%s"}\n' % (number, os.urandom(40).hex().encode()) for number in range(3000))
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(lines)[:-20_000])
    records = list(jsonl.read(open_source(find_sources([str(file)], NOW)[0]).stream))
    assert sum(record.data is not None for record in records) > 1000
    assert "damaged or cut off" in (records[-1].problem or "")


def test_icecat_row_becomes_a_product() -> None:
    row = {
        "id": "1", "name": "dv7-1211ea", "title": "HP", "ean": ["0884420588030"], "short_description": "Fast",
        "supplier": "HP", "price": 10995, "date_released": "2008-12-19T00:00:00Z", "img_high": "http://a/h.jpg",
        "img_500x500": "http://a/5.jpg", "attr_t_product_type": "TV/monitor", "attr_t_turbo": "N",
        "attr_t_wi_fi_standards": "802.11b,802.11g", "attr_t_certification": "CE, FCC\\nRoHS", "attr_n_weight": 3.5,
        "attr_t_ratio": "1,5",
    }  # fmt: skip
    product = icecat.to_product(row)
    assert product["model"] == "dv7-1211ea"
    assert product["brand"] == "HP"
    assert (product["price"], product["currency"]) == (109.95, "USD")
    assert product["category"] == ["TV/monitor"]
    assert product["images"] == ["http://a/5.jpg", "http://a/h.jpg"]
    assert product["attr_t_turbo"] is False
    assert product["attr_t_wi_fi_standards"] == ["802.11b", "802.11g"]
    assert product["attr_t_certification"] == "CE, FCC, RoHS"
    assert product["attr_t_ratio"] == "1,5"


OLD = "video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,thumbnail_link,date"
NEW = (
    "video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,likes,dislikes,comment_count,"
    "thumbnail_link,comments_disabled,ratings_disabled,video_error_or_removed,description"
)


def test_youtube_reads_both_column_sets() -> None:
    old = list(
        youtube.read(
            stream(f"{OLD}\n03jeumSTSzc,T,C,23,a|b|a,5,4,3,2,http://i/1,10.1\n#NAME?,T,C,23,,1,1,1,1,,28.09\n")
        )
    )
    assert old[0].data is not None
    assert old[0].data["updated_at"] == datetime(2017, 10, 10, tzinfo=UTC)
    assert old[0].data["category"] == ["Comedy"]
    assert old[0].data["hashtags"] == ["a", "b"]
    assert "video_id" in problems(old)[3]
    row = r'2kyS6SvSYSE,17.14.11,T,C,22,2017-11-13T17:13:01.000Z,[none],7,6,5,4,http://i/1,False,False,False,"a\nb"'
    (new,) = youtube.read(stream(f"{NEW}\n{row}\n"))
    assert new.data is not None
    assert new.data["updated_at"] == datetime(2017, 11, 14, tzinfo=UTC)
    assert new.data["description"] == "a\nb"
    assert new.data["comments"] == "4"
    assert "hashtags" not in new.data


@pytest.mark.parametrize("date", ["100", "", "31.02", "1.2.3.4", "x.y", "9" * 5000 + ".1.1", "9" * 30 + ".1.1"])
def test_youtube_refuses_a_day_that_is_none(date: str) -> None:
    assert youtube.trending_day({"date": date}) is None


def test_youtube_knows_its_categories() -> None:
    assert len(youtube.categories()) == 32


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [
        (b'{"id":1}\n', "product", "jsonl"),
        (b'{"id":1,"supplier":"x","img_500x500":"","attr_t_x":"y"}\n', "product", "icecat"),
        (b"id;title\n", "live", "csv"),
        (f"{NEW}\n".encode(), "video", "youtube"),
        (f"{NEW}\n".encode(), "live", "csv"),
        (b"PAR1....", "product", "parquet"),
    ],
)
def test_format_is_told_by_content(head: bytes, kind: str, name: str) -> None:
    assert detect("some file", head, kind).name == name  # type: ignore[arg-type]


@pytest.mark.parametrize("head", [b"[\n{}]", b"\xff\xfei\x00d\x00", b"PK\x03\x04xx"])
def test_what_cannot_be_read_comes_with_a_remedy(head: bytes) -> None:
    with pytest.raises(InputError) as caught:
        detect("x.json", head, "product")
    assert "x.json" in caught.value.remedy


def test_standard_input_may_come_in_pieces_and_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(b"id,title\n1,one\n2,two\n")
    reading, writing = os.pipe()

    def feed() -> None:
        for place in range(0, len(packed), 3):
            os.write(writing, packed[place : place + 3])
        os.close(writing)

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reading, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        opened = open_source(find_sources(["-"], NOW)[0])
        assert opened.head.startswith(b"id,title\n")
        assert [record.data for record in csv.read(opened.stream)] == [
            {"id": "1", "title": "one"},
            {"id": "2", "title": "two"},
        ]
        feeder.join()


def test_all_missing_sources_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_sources([str(tmp_path / "gone"), str(tmp_path), "-", "-"], NOW)
    assert len(caught.value.mistakes) == 3


def test_a_run_is_known_by_file_and_options(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("{}\n")
    first = run_identity(find_sources([str(file)], NOW), "x")
    assert first == run_identity(find_sources([str(file)], NOW), "x")
    assert first != run_identity(find_sources([str(file)], NOW), "y")
    file.write_text("{} \n")
    assert first != run_identity(find_sources([str(file)], NOW), "x")
    assert run_identity(find_sources(["-"], NOW), "x") is None

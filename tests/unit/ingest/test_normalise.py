from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise import normalise
from ingest.normalise.attributes import attribute_name, attribute_value
from ingest.normalise.category import category_path
from ingest.normalise.instants import instant
from ingest.normalise.language import language
from ingest.normalise.lists import hashtags
from ingest.normalise.money import price
from ingest.normalise.numbers import number, whole
from ingest.normalise.text import clean
from ingest.normalise.units import canonical_units


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain text", "plain text"),
        ("  two   spaces\t\n here ", "two spaces here"),
        ("<p>One</p><p>Two &amp; three</p>", "One Two & three"),
        ("H<sub>2</sub>O <script>alert(1)</script>", "H2O"),
        ("Mini PC (<= 3L) & vector<int>", "Mini PC (<= 3L) & vector<int>"),
        ("AT&T; caf&eacute;", "AT&T; café"),
        ("Café Olé".encode().decode("latin-1"), "Café Olé"),
        ("e\u0301", "é"),
        ("a\x00b\u200bc\ufeff", "abc"),
        ("a\ue000b&#xe001;c\uf8ff", "abc"),
        ("17\u2033 \u201cscreen\u201d", "17\u2033 \u201cscreen\u201d"),
        ("\u00a0\u3000x", "x"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
    ],
)
def test_text_is_cleaned(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_is_clean_and_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert cleaned == " ".join(cleaned.split())
    assert not any(character < " " for character in cleaned)


@pytest.mark.parametrize(
    ("raw", "amount", "mark"),
    [
        ("1.299,00 €", 1299.0, "€"), ("$12.99", 12.99, "$"), ("USD 1,299", 1299.0, "USD"), ("12,99", 12.99, ""),
        ("1.299 €", 1299.0, "€"), ("1.299", 1.299, ""), ("0,125 kr", 0.125, "kr"), ("1'299.50 CHF", 1299.5, "CHF"),
        ("1 299,50 zł", 1299.5, "zł"), ("1,234,567", 1234567.0, ""), ("12,- €", 12.0, "€"), ("£5", 5.0, "£"),
        (109.95, 109.95, ""), (Decimal("3.50"), 3.5, ""), ("₹ 12,34,567.00", 1234567.0, "₹"),
    ],
)  # fmt: skip
def test_prices_are_read(raw: Any, amount: float, mark: str) -> None:
    assert price(raw) == (amount, mark)


@pytest.mark.parametrize("raw", ["lots", "", "12 apples", "1.2.3,4,5 €", True, [1], "nan"])
def test_what_is_no_price_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        price(raw)


@pytest.mark.parametrize(
    ("fields", "currency", "wrong"),
    [
        ({"price": "5 €"}, "EUR", []),
        ({"price": "$5", "currency": "cad"}, "CAD", []),
        ({"price": "5 €", "currency": "USD"}, "USD", ["price"]),
        ({"price": "5 kr"}, None, ["price"]),
        ({"price": "5 kr", "currency": "NOK"}, "NOK", []),
        ({"price": 5}, None, []),
        ({"price": "x", "list_price": "y", "currency": "euros?"}, None, ["price", "list_price", "currency"]),
    ],
)
def test_a_product_has_one_currency(fields: dict[str, Any], currency: str | None, wrong: list[str]) -> None:
    found, mistakes, _ = normalise("product", fields)
    assert found.get("currency") == currency
    assert [mistake.where for mistake in mistakes] == wrong


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("256GB", "256 GB"), ("256 gb", "256 GB"), ("17 inch", '17"'), ('17"', '17"'), ("100-240V", "100-240 V"),
        ("300 Mbps", "300 Mbit/s"), ("dv7", "dv7"),
        ("5 - 45 °c", "5 - 45 °C"), ("2.4ghz", "2.4 GHz"), ("5 Amp", "5 A"), ("1,5 m", "1,5 m"),
        ("802.11g", "802.11g"), ("4g", "4g"), ("5G", "5G"), ("8GB DDR4", "8GB DDR4"), ("16 Gb", "16 Gb"),
        ("6 pc", "6 pc"), ("", ""), ("200:1", "200:1"),
    ],
)  # fmt: skip
def test_units_have_one_spelling(raw: str, expected: str) -> None:
    assert canonical_units(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("attr_t_contrast_ratio__typical_", "contrast ratio (typical)"),
        ("attr_n_vga__d_sub__ports_quantity", "vga (d sub) ports quantity"),
        ("attr_n_master__outer__case_width", "master (outer) case width"),
        ("attr_n_cpu_multiplier__bus_core_ratio_", "cpu multiplier (bus core ratio)"),
        ("attr_t_fifo__first_in__first_out_", "fifo (first in, first out)"),
        ("attr_b_intel__wireless_display__intel__widi_", "intel wireless display (intel widi)"),
        ("attr_b_lift___cut_system", "lift & cut system"),
        ("attr_t_connector_s_", "connector(s)"),
        ("attr_b_s_pdif_out_port", "s pdif out port"),
        ("attr_t_product_colour", "product colour"),
        (" Screen_Size ", "screen size"),
    ],
)
def test_attribute_names_are_readable(raw: str, expected: str) -> None:
    assert attribute_name(raw) == expected


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("attr_n_weight", "1,200", 1200.0), ("attr_b_touch", "Yes", True), ("colour", "<b>Red</b>", "Red"),
        ("sizes", ["S", "M", "S", None], ("S", "M")), ("made", date(2024, 5, 1), "2024-05-01"), ("x", "  ", None),
        ("attr_n_weight", "  ", None), ("ram", "8gb", "8 GB"), ("n", 3, 3.0),
    ],
)  # fmt: skip
def test_attribute_values(name: str, raw: Any, expected: Any) -> None:
    assert attribute_value(name, raw) == expected


@pytest.mark.parametrize("raw", [{"a": 1}, [["a"]], float("nan")])
def test_attribute_values_that_cannot_be_held(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        attribute_value("x", raw)


@given(st.text(min_size=200, max_size=2000, alphabet="ab ,é"))
def test_long_attribute_values_lose_no_word(text: str) -> None:
    value = attribute_value("compatibility", text)
    pieces = (value,) if isinstance(value, str) else value or ()
    assert all(0 < len(piece) <= 256 for piece in pieces)  # type: ignore[arg-type, union-attr]
    words = {word.strip(",") for piece in pieces for word in str(piece).split() if len(word) < 200}  # type: ignore[union-attr]
    assert {word.strip(",") for word in text.replace(", ", " ").split() if len(word) < 200} <= words | {""}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Audio &gt; Hi-Fi/Stereo", ("Audio", "Hi-Fi/Stereo")), ("A|B", ("A", "B")), ("A/B//", ("A", "B")),
        (["TV/monitor"], ("TV/monitor",)), ("Audio", ("Audio",)),
    ],
)  # fmt: skip
def test_category_paths(raw: Any, expected: tuple[str, ...]) -> None:
    assert category_path(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "2024-05-01T12:00:00Z", "2024-05-01 14:00:00+02:00", "2024-05-01T12:00:00", "2024/05/01 12:00:00", 1714564800,
        1714564800000, "1714564800", 1714564800000000, datetime(2024, 5, 1, 12), "2024-05-01 12:00:00 UTC",
    ],
)  # fmt: skip
def test_instants(raw: Any) -> None:
    assert instant(raw) == datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "yesterday", "", True, [], "2024-13-01", 1e30, "31.12.2024", "0001-01-01T00:00:00+02:00",
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2))),
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match="not a time"):
        instant(raw)


@pytest.mark.parametrize(("raw", "expected"), [("English", "en"), ("pt-BR", "pt"), ("Other", None), ("DE", "de")])
def test_languages(raw: str, expected: str | None) -> None:
    assert language(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("#one #two", ("one", "two")), ("a|b,c; a", ("a", "b", "c")), (["#x", "y"], ("x", "y")), ('["q r"]', ("q r",))],
)
def test_hashtags(raw: Any, expected: tuple[str, ...]) -> None:
    assert hashtags(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("1,234", 1234), (12.0, 12), ("7", 7), ("1 234 567", 1234567)])
def test_counts(raw: Any, expected: int) -> None:
    assert whole(raw) == expected


@pytest.mark.parametrize("raw", ["1_000", "12.5", True, "inf", None, "1,23", 2**63, "1e300"])
def test_what_is_no_count_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        whole(raw)


def test_numbers_are_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        number("1e999")


def test_empty_is_absent_and_unknown_is_told() -> None:
    raw = {
        "id": 7.0,
        "title": " ",
        "stock": "",
        "gtin": [],
        "colour": "red",
        "attributes": '{"Size": "XL"}',
        "attributes.fit": "slim",
    }
    fields, mistakes, unknown = normalise("product", raw)
    assert fields == {"id": "7", "attributes": {"size": "XL", "fit": "slim"}}
    assert not mistakes
    assert unknown == ["colour"]


@pytest.mark.parametrize("raw", [[[1, "x"]], [[None, "x"]], [[[], "x"]], [["a"]], '["a"]'])
def test_attributes_need_names(raw: Any) -> None:
    _, mistakes, _ = normalise("product", {"attributes": raw})
    assert [mistake.where for mistake in mistakes] == ["attributes"]


def test_columns_of_one_name_are_joined() -> None:
    fields, _, _ = normalise("product", {"attr_b_colour": True, "attr_t_colour": "Red", "attributes.Colour": "Blue"})
    assert fields["attributes"] == {"colour": ("Red", "Blue")}

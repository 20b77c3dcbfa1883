from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.highlights import plain, to_html


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("a \ue000mouse\ue001 pad", "a <em>mouse</em> pad"),
        ("<b>\ue000mouse\ue001</b>", "&lt;b&gt;<em>mouse</em>&lt;/b&gt;"),
        ('\ue000"x" & y\ue001', "<em>&quot;x&quot; &amp; y</em>"),
        ("no partner \ue000", "no partner "),
        ("\ue001odd\ue000 \ue000\ue000x\ue001", "odd <em>x</em>"),
    ],
)
def test_marks_become_tags_around_escaped_text(marked: str, expected: str) -> None:
    assert to_html(marked) == expected
    assert to_html(marked, "mark") == expected.replace("em>", "mark>")


@given(st.text(st.sampled_from("ab<>&\"'/\ue000\ue001")))
def test_no_text_makes_markup_of_its_own(text: str) -> None:
    without = to_html(text).replace("<em>", "").replace("</em>", "")
    assert "<" not in without
    assert ">" not in without
    assert to_html(text).count("<em>") == to_html(text).count("</em>")
    assert not set(plain(text)) & {"\ue000", "\ue001"}

"""What a reader looked at lately stands in a cookie, which anybody may have written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from api.http.seen import COOKIE, KEPT, Seen


def request_with(value: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={value}".encode())]})


def written(seen: Seen, scheme: str = "http") -> str:
    response = Response()
    request = Request({"type": "http", "scheme": scheme, "server": ("souk.test", 80), "path": "/", "headers": []})
    seen.keep(request, response)
    return response.headers["set-cookie"]


def test_the_latest_is_first_and_each_is_there_once() -> None:
    seen = Seen().with_item("product", "a").with_item("video", "a").with_item("product", "b").with_item("product", "a")
    assert seen.items == (("product", "a"), ("product", "b"), ("video", "a"))
    assert seen.without("product", "b").items == (("product", "a"), ("video", "a"))


def test_the_oldest_are_forgotten() -> None:
    seen = Seen()
    for number in range(KEPT + 5):
        seen = seen.with_item("product", str(number))
    assert len(seen.items) == KEPT
    assert seen.items[0] == ("product", str(KEPT + 4))


@pytest.mark.parametrize("id", ["plain", "a b|c;d", "ä/é:7", "100%"])
def test_an_id_comes_back_as_it_was(id: str) -> None:
    cookie = written(Seen().with_item("live", id)).split(";")[0].partition("=")[2].strip('"')
    assert Seen.of(request_with(cookie)).items == (("live", id),)


def test_the_cookie_is_for_this_site_alone() -> None:
    cookie = written(Seen().with_item("product", "a")).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert "secure" in written(Seen().with_item("product", "a"), "https").lower()


def test_an_id_of_any_length_leaves_the_cookie_small() -> None:
    seen = Seen()
    for number in range(50):
        seen = seen.with_item("product", f"{number}" + "ü" * 250).with_item("product", f"{number}-" + "x" * 80)
    assert len(written(seen)) < 4_000


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='";\\,'), max_size=300))
def test_no_cookie_is_an_error(value: str) -> None:
    assert len(Seen.of(request_with(value)).items) <= KEPT

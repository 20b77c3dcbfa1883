"""Cursors as text: they say again what was put in, and whatever was changed on its way is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from api.cursor.token import Walk, key_of, seal, unseal
from stack.errors import ExpiredError, InputError
from stack.settings import Settings

KEY = key_of(Settings())
WALK = Walk(
    now=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
    points={"product": "p" * 200, "live": "l" * 200},
    after={"product": [14.9, "p1"], "live": None},
    given=40,
    search="abc",
)


def test_a_cursor_says_again_where_the_walk_stands() -> None:
    assert unseal(seal(WALK, KEY), KEY) == WALK


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    version, text = seal(WALK, KEY).split(".")
    raw = bytearray(base64.urlsafe_b64decode(text + "=="))
    raw[place % len(raw)] ^= change
    with pytest.raises(InputError, match="changed or cut short"):
        unseal(f"{version}.{base64.urlsafe_b64encode(bytes(raw)).decode()}", KEY)


@settings(deadline=None)
@given(st.text())
def test_any_other_text_is_refused_by_name(text: str) -> None:
    with pytest.raises((InputError, ExpiredError)) as caught:
        unseal(text, KEY)
    assert caught.value.remedy == "Start again with cursor=*"


@pytest.mark.parametrize("cut", [1, 5, 20, 100])
def test_a_cursor_that_was_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(InputError):
        unseal(seal(WALK, KEY)[:-cut], KEY)


def test_a_cursor_of_another_version_has_expired() -> None:
    with pytest.raises(ExpiredError, match="version 0"):
        unseal("0." + seal(WALK, KEY)[2:], KEY)


def test_a_cursor_of_another_shop_is_refused() -> None:
    others = [
        Settings(index_prefix="other"),
        Settings(opensearch_user="souk", opensearch_password=SecretStr("secret")),
    ]
    for other in others:
        with pytest.raises(InputError):
            unseal(seal(WALK, key_of(other)), KEY)

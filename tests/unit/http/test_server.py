"""The address `souk serve` listens on."""

from __future__ import annotations

import socket

import pytest

from api.http.address import address_of
from api.http.server import address, listen
from stack.errors import ConfigError


def test_a_port_in_use_is_one_line_with_its_remedy() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} of 127.0.0.1 is in use. Choose another with --port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="--host"):
        listen(host, 0)


def test_the_address_is_one_a_browser_opens() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listen("0.0.0.0", 0) as listener:
        assert address(listener).startswith("http://127.0.0.1:")
        with socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=2):
            pass


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("2001:db8::7", "http://[2001:db8::7]:8000"),
        ("shop.example", "http://shop.example:8000"),
    ],
)
def test_an_address_has_brackets_where_needed_and_never_a_wildcard(host: str, expected: str) -> None:
    assert address_of(host, 8000) == expected

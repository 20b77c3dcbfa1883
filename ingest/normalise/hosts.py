"""Is a web address one of an inner network? Records come from strangers, and whoever fetches a picture must not be led
to a machine behind the firewall (OWASP, Server-Side Request Forgery). Nothing is looked up: a public name that leads
inside is for the fetcher to notice."""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from urllib.parse import unquote

# https://www.iana.org/assignments/special-use-domain-names, and what networks commonly use.
INNER = ("internal", "local", "localhost", "localdomain", "lan", "home", "corp", "intranet", "private", "home.arpa")
AUTHORITY = re.compile(r"(?:https?:)?[/\\]{2,}([^/\\?#]*)", re.IGNORECASE)
PLAIN = ("https://", "http://", "//")
MOST_HOSTS = 10_000
_outer: set[str] = set()
# Like 6to4 it carries an IPv4 address in an IPv6 one.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_internal(address: str) -> bool:
    """`http://127.1/a`, `http://0x7f000001/`, `http://[::1]/`, `http://printer/`, `https://cdn.internal/x` → True.

    A path on this server (`/media/a.webp`) is not.
    """
    # Most pictures of a catalogue lie on a few hosts: those are known after the first.
    if address.startswith(PLAIN) and address.partition("//")[2].partition("/")[0] in _outer:
        return False
    found = AUTHORITY.match(address)
    if found is None or is_inner_host(found[1]):
        return found is not None
    if len(_outer) < MOST_HOSTS:
        _outer.add(found[1])
    return False


def is_inner_host(authority: str) -> bool:
    """The same of `user:password@host:port`."""
    # As browsers read it: escapes undone, full-width digits and dots made plain ones.
    host = unicodedata.normalize("NFKC", unquote(authority)).rpartition("@")[2].strip().lower()
    if host.startswith("["):
        return _is_inner_ip(host[1:].partition("]")[0])
    host = host.partition(":")[0].replace("。", ".").rstrip(".")
    try:
        # inet_aton reads what browsers and curl read: 2130706433, 0x7f.1, 0177.0.0.1
        return _is_inner_ip(socket.inet_ntoa(socket.inet_aton(host))) if host[:1].isdigit() else _is_inner_name(host)
    except OSError:
        return _is_inner_name(host)


def _is_inner_name(host: str) -> bool:
    return "." not in host or host.endswith(tuple(f".{name}" for name in INNER))


def _is_inner_ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True  # no address at all: nobody knows where it leads
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return not inner.is_global
    return not address.is_global or address.is_multicast

"""An address to open, from the host and the port that the API listens on."""

from __future__ import annotations

from ipaddress import ip_address


def address_of(host: str, port: int) -> str:
    """`http://host:port`, an IPv6 host in brackets. A host that stands for every interface is reached by loopback."""
    host = _reachable(host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reachable(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:  # a name
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"

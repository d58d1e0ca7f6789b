"""Network addresses, truncated to networks about the size of a town."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


@lru_cache(4096)
def truncate(address: str) -> str:
    """The /24 network of an IPv4 address or the /48 of an IPv6 one; empty for anything else.

    An IPv4-mapped IPv6 address (``::ffff:192.0.2.7``) counts as IPv4.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return _network(_undress(parsed))


def sender_network(address: str) -> str:
    """The network of one sender, for counting requests. It must not be stored.

    In IPv6 one customer has a whole /64 (RFC 6177), so counting single addresses would be useless. A text that is not
    an address is returned unchanged.
    """
    try:
        parsed = _undress(ip_address(address))
    except ValueError:
        return address
    return (
        str(parsed) if isinstance(parsed, IPv4Address) else str(IPv6Network((int(parsed), 64), strict=False))
    )


def _undress(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(IPv4Network((int(address), 24), strict=False))
    return str(IPv6Network((int(address), 48), strict=False))

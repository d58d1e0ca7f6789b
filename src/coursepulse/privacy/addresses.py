"""Network addresses, kept only as far as a town-sized network."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


@lru_cache(4096)
def truncate(address: str) -> str:
    """The /24 network of an IPv4 address or the /48 of an IPv6 one; empty for anything else.

    An IPv4 address that came in IPv6 clothes (``::ffff:192.0.2.7``) counts as IPv4.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return _network(_undress(parsed))


def sender_network(address: str) -> str:
    """Whose an address is, for counting in passing: nobody may keep it.

    One customer's part of IPv6 is a whole /64 (RFC 6177): counting single addresses would count nobody. What is no
    address stands for itself.
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

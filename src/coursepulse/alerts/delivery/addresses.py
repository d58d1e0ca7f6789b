"""Which network addresses a webhook may reach: public ones, and private ones that a setting names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TypeAlias

from coursepulse.kit.errors import CoursepulseError, SettingError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

#: IPv6 prefixes whose last 32 bits are an IPv4 address: NAT64 (RFC 6052), and IPv4-compatible (RFC 4291).
_ENDS_IN_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))

#: Not public by the registries of IANA (RFC 6890), and public to Python 3.11: protocol assignments (some clouds have
#: their metadata there), relays of 6to4, site-local addresses (RFC 3879), segment routing, and documentation.
_SPECIAL: tuple[Network, ...] = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "5f00::/16", "3fff::/20"))
)

#: NAT64 within a network (RFC 8215): only that network knows where such an address leads.
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


class AddressRefused(CoursepulseError):
    """A webhook leads to an address that it may not reach."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of ``COURSEPULSE_WEBHOOK_NETWORKS``, separated by commas.

    :raises SettingError: naming the one that is none
    """
    return tuple(_parse_network(part.strip()) for part in text.split(",") if part.strip())


def _parse_network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        sentence = f"COURSEPULSE_WEBHOOK_NETWORKS: {text!r} is not a network such as 10.20.0.0/16."
        raise SettingError(sentence) from None


def check_addresses(found: Sequence[str], allowed: Sequence[Network]) -> None:
    """Refuse a name as soon as one of its addresses is not allowed: which one is connected to is up to chance.

    :raises AddressRefused:
    """
    for text in found:
        address = ip_address(text.partition("%")[0])
        if not is_listed(address, allowed) and not is_public(address):
            raise AddressRefused(
                "The address leads to a private network. COURSEPULSE_WEBHOOK_NETWORKS can allow it."
            )


def is_listed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a setting names the address."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    return any(plain in network for network in allowed)


def is_public(address: Address) -> bool:
    """Whether an address, and every address inside it, belongs to the public internet."""
    return all(map(_is_one_public, _every(address)))


def _is_one_public(address: Address) -> bool:
    special = any(address in network for network in _SPECIAL)
    return address.is_global and not (special or address.is_multicast or address.is_reserved)


def _every(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address that it carries: a gateway may pass the request on to it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
        return
    # Python counts NAT64 as reserved; what decides is the address inside.
    if any(address in network for network in _ENDS_IN_IPV4):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
        return
    yield IPv4Address(0) if address in _LOCAL_NAT64 else address
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo

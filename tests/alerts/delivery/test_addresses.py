from __future__ import annotations

import pytest

from coursepulse.alerts.delivery.addresses import AddressRefused, check_addresses, parse_networks
from coursepulse.kit.errors import SettingError

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    # IPv4 inside IPv6: mapped, compatible, NAT64, local NAT64, 6to4, Teredo.
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "2002:a00:1::1",
    "2001:0:a00:1::1",
]
PUBLIC = ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_reached(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_addresses([address], ())


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    check_addresses([address], ())


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        check_addresses(["8.8.8.8", "10.0.0.1"], ())


def test_a_setting_allows_a_network_and_no_other() -> None:
    allowed = parse_networks("10.20.0.0/16, fd00::/8")
    check_addresses(["10.20.3.4", "::ffff:10.20.3.4", "fd00::7", "8.8.8.8"], allowed)
    for other in ("10.21.0.1", "127.0.0.1", "fe80::1"):
        with pytest.raises(AddressRefused):
            check_addresses([other], allowed)


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(SettingError, match=r"'10\.0\.0\.1/8' is not a network"):
        parse_networks("10.0.0.1/8")

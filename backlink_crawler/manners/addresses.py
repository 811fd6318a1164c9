"""SSRF protection: may the crawler connect to this address? A page must not lead it into private networks."""

from __future__ import annotations

import tomllib
from importlib import resources
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from ipaddress import IPv4Network

# Ports that browsers refuse too: other protocols live there (Fetch Standard, 2.9 "Port blocking").
REFUSED_PORTS = frozenset(
    (
        *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104),
        *(109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515),
        *(526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049),
        *(3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    ),
)
_LISTED = tomllib.loads(resources.files(__package__).joinpath("special_addresses.toml").read_text("utf-8"))
_SPECIAL = tuple(ip_network(block["prefix"]) for part in _LISTED.values() for block in part["blocks"])
# What lies outside is multicast, local, or reserved: https://www.iana.org/assignments/ipv6-address-space/
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# RFC 6052. Its local sister 64:ff9b:1::/48 (RFC 8215) carries addresses in ways that only its network knows: refused.
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, 6.1: the interface identifier of an IPv4 address


def is_allowed(address: str, networks: Iterable[IPv4Network | IPv6Network] = ()) -> bool:
    """Is it a public address, or in one of the networks that the user has opened?

    Special addresses (IANA's registries) are refused, those that are globally reachable too: what answers there is a
    service of the network, and no web site. One that carries IPv4 addresses is judged by those (`_judged`).
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return all(_is_public(each) or any(each in network for network in networks) for each in _judged(parsed))


def network_of(address: str) -> str:
    """What counts as one address: IPv4 as it is, of IPv6 the first 64 bits, which are one network's (RFC 4291, 2.5.1).

    An IPv4 address that an IPv6 one carries is that IPv4 address.
    """
    carried = _judged(parsed := ip_address(address.partition("%")[0]))
    if all(isinstance(each, IPv4Address) for each in carried):
        return str(carried[-1])  # of Teredo the client, not its server
    return str(ip_network((parsed, 64), strict=False))


def is_inside(host_name: str) -> bool:
    """Is it written as an address that is not public?"""
    try:
        ip_address(host_name.strip("[]"))
    except ValueError:
        return False
    return not is_allowed(host_name.strip("[]"))


def _judged(address: IPv4Address | IPv6Address) -> Sequence[IPv4Address | IPv6Address]:
    """The address, or in its place those that it carries: mapped, NAT64, 6to4, and both of Teredo (server and client).

    What an ISATAP address carries is judged beside the address, whose prefix may be any network's.
    """
    if isinstance(address, IPv4Address):
        return [address]
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    tunnel = [last] if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP else []
    if address.ipv4_mapped or address in _NAT64:
        return [last]
    if address.sixtofour:
        return [address.sixtofour, *tunnel]
    return [*(address.teredo or [address]), *tunnel]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """By the registries themselves: Python's own list (`is_global`) changes with its version, and is not complete."""
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in block for block in _SPECIAL)

"""SSRF protection: may the crawler connect to this address? A page must not lead it into private networks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
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
# RFC 6052. Its local sister 64:ff9b:1::/48 (RFC 8215) carries addresses in ways that only its network knows: not public.
_NAT64 = IPv6Network("64:ff9b::/96")

_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})  # RFC 5214, 6.1: the interface identifier of an IPv4 address


def is_allowed(address: str, networks: Iterable[IPv4Network | IPv6Network] = ()) -> bool:
    """Is it a public address, or in one of the networks that the user has opened?

    An address that carries an IPv4 address inside (mapped, NAT64, 6to4, Teredo) is judged by that one too.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    carried = _carried(parsed) if isinstance(parsed, IPv6Address) else None
    judged = [parsed] if carried is None else [carried]
    return all(_is_public(each) or any(each in network for network in networks) for each in judged)


def is_inside(host_name: str) -> bool:
    """Is it written as an address that is not public?"""
    try:
        ip_address(host_name.strip("[]"))
    except ValueError:
        return False
    return not is_allowed(host_name.strip("[]"))


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not address.is_reserved and not site_local

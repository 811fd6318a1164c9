"""Nothing that a page says leads inside. Networks: the IANA special-purpose address registries."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses

from backlink_crawler.manners.addresses import REFUSED_PORTS, is_allowed, is_inside

LISTED = tomllib.loads(
    resources.files("backlink_crawler.manners").joinpath("special_addresses.toml").read_text("utf-8")
)
BLOCKS = [block["prefix"] for part in LISTED.values() for block in part["blocks"]]
# Their addresses are judged by those that they carry.
CARRIERS = ("::ffff:0:0/96", "64:ff9b::/96", "2001::/32", "2002::/16")
# Those of the list that `is_global` of Python 3.11.7, 3.12.1 or 3.13.0 takes for public.
GLOBAL_TO_PYTHON = """
192.0.0.0/24 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.88.99.2/32
192.175.48.0/24 64:ff9b:1::/48 100:0:0:1::/64 2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28
2001:30::/28 2620:4f:8000::/48 3fff::/20 5f00::/16 224.0.0.0/4 168.63.129.16/32
""".split()


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.215.14",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.254",
        "2606:4700:4700::1111",
        "2a00:1450:4001:82a::200e",
        "2400:cb00::1",
    ],
)
def test_a_public_address_is_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        # this host, loopback
        *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "::", "::1"),
        # private
        *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"),
        *("fc00::1", "fd12:3456:789a::1", "fdff:ffff::1"),
        # link-local, the cloud's metadata among it
        *("169.254.0.1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1"),
        # carrier-grade NAT
        *("100.64.0.1", "100.127.255.255"),
        # documentation, benchmarks
        *("192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255", "2001:db8::1", "2001:2::1"),
        # protocol assignments
        *("192.0.0.1", "192.0.0.170", "2001::1", "2001:10::1"),
        # site-local: deprecated (RFC 3879), and inside where it is still in use
        *("fec0::1", "feff:ffff::1"),
        # multicast
        *("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
        # reserved, broadcast, discard
        *("240.0.0.1", "255.255.255.255", "100::1", "4000::1", "5f00::1", "c000::1", "fe00::1"),
        # IPv4-compatible and SIIT
        *("::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1"),
    ],
)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_allowed(address)


def test_the_registries_are_complete_as_of_their_date():
    """IANA's IPv4 and IPv6 special-purpose address registries have so many rows; one row of the first has two blocks."""
    assert LISTED["ipv4"]["updated"] == LISTED["ipv6"]["updated"] == date(2025, 10, 9)
    assert (len(LISTED["ipv4"]["blocks"]), len(LISTED["ipv6"]["blocks"])) == (26, 25)
    assert all(block["rfc"].startswith("RFC ") and block["name"] for block in LISTED["ipv4"]["blocks"])
    assert all(block["rfc"].startswith("RFC ") and block["name"] for block in LISTED["ipv6"]["blocks"])


@pytest.mark.parametrize("prefix", [prefix for prefix in BLOCKS if prefix not in CARRIERS])
def test_a_block_of_the_registries_is_refused_from_its_first_address_to_its_last(prefix):
    """Those that are globally reachable too: no web site is there."""
    block = ip_network(prefix)
    for address in (block[0], block[block.num_addresses // 2], block[-1]):
        assert not is_allowed(str(address))
        assert is_inside(str(address) if address.version == 4 else f"[{address}]")


@pytest.mark.parametrize(
    "address",
    [
        *("1.0.0.0", "9.255.255.255", "11.0.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0"),
        *("192.31.195.255", "192.31.197.0", "192.52.192.255", "192.52.194.0", "192.88.98.255", "192.88.100.0"),
        *("192.175.47.255", "192.175.49.0", "168.63.129.15", "168.63.129.17", "203.0.112.255", "203.0.114.0"),
        *("2001:200::", "2001:db7:ffff::1", "2001:db9::1", "2003::1", "2001:ffff::1", "2620:4f:7fff::1"),
        *("2620:4f:8001::1", "3ffe:ffff::1", "3fff:1000::1", "2000::1"),
    ],
)
def test_what_lies_beside_a_special_block_is_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",  # most clouds
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle Cloud
        "fd00:ec2::254",  # Amazon
        "fd20:ce::254",  # Google Cloud
        "fe80::a9fe:a9fe",  # OpenStack
        "2002:a83f:8110::1",  # 6to4 of Azure's
        "64:ff9b::168.63.129.16",
        "::ffff:168.63.129.16",
    ],
)
def test_a_cloud_s_own_services_are_refused(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("prefix", GLOBAL_TO_PYTHON)
def test_what_python_takes_for_public_is_refused(prefix, monkeypatch):
    """Its list differs from version to version, so that nothing may depend on it."""
    for kind in (IPv4Address, IPv6Address):
        monkeypatch.setattr(kind, "is_global", True)
        monkeypatch.setattr(kind, "is_private", False)
    assert not is_allowed(str(ip_network(prefix)[0]))


@given(ip_addresses())
def test_nothing_is_allowed_that_python_takes_for_private(address):
    carries = any(address in ip_network(prefix) for prefix in CARRIERS)
    assert address.is_global or carries or not is_allowed(str(address))


@pytest.mark.parametrize("prefix", ["::ffff:", "64:ff9b::"])
@pytest.mark.parametrize(
    ("carried", "allowed"),
    [
        ("8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("0.0.0.0", False),
    ],
)
def test_a_mapped_or_nat64_address_is_judged_by_the_one_it_carries(prefix, carried, allowed):
    assert is_allowed(prefix + carried) is allowed


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("2002:808:808::1", True),  # 6to4 of 8.8.8.8
        ("2002:7f00:1::1", False),  # of 127.0.0.1
        ("2002:a00:1::1", False),  # of 10.0.0.1
        ("2002:a9fe:a9fe::", False),  # of 169.254.169.254
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),  # Teredo of 127.0.0.1
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", False),  # of 10.0.0.1
        ("2001:0:4136:e378:8000:63bf:5601:5601", False),  # of 169.254.169.254
        ("::ffff:7f00:1", False),  # mapped, in hexadecimal
        ("::FFFF:A9FE:A9FE", False),
        ("64:ff9b:1::7f00:1", False),  # NAT64 within a network
        ("64:ff9b:1::a00:1", False),
        ("2606:4700::5efe:a00:1", False),  # ISATAP of 10.0.0.1
        ("2606:4700::200:5efe:7f00:1", False),
        ("2606:4700::200:5efe:808:808", True),  # of 8.8.8.8
        ("fd00::200:5efe:808:808", False),  # of 8.8.8.8, in a network that is not public
        ("fe80::5efe:808:808", False),
        ("2001:db8::5efe:808:808", False),
        ("2002:808:808::5efe:a00:1", False),  # 6to4 of 8.8.8.8, and in it ISATAP of 10.0.0.1
        ("2002:c058:6301::1", False),  # 6to4 of 192.88.99.1, its own relay
        ("2001:0:808:808:8000:63bf:fefe:fefe", True),  # Teredo: server 8.8.8.8, client 1.1.1.1
        ("2001:0:a00:1:8000:63bf:fefe:fefe", False),  # server 10.0.0.1
        ("2001:0:808:808:8000:63bf:57c0:7eef", False),  # client 168.63.129.16
    ],
)
def test_an_address_of_a_tunnel_is_judged_by_the_one_it_carries(address, allowed):
    assert is_allowed(address) is allowed


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost",
        "example.com",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "1.2.3.4:80",
        "[::1]",
        "8.8.8.8/32",
    ],
)
def test_what_is_no_address_is_refused(address):
    assert not is_allowed(address)


LOOPBACK, TEN, UNIQUE_LOCAL = ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("127.0.0.1", [LOOPBACK], True),
        ("127.0.0.1", [TEN, LOOPBACK], True),
        ("10.1.2.3", [TEN], True),
        ("10.2.0.1", [TEN], False),
        ("192.168.0.1", [LOOPBACK, TEN], False),
        ("fd00:1::5", [UNIQUE_LOCAL], True),
        ("fd00:2::5", [UNIQUE_LOCAL], False),
        ("::1", [LOOPBACK], False),
        ("::1", [ip_network("::1")], True),
        ("8.8.8.8", [LOOPBACK], True),
        ("::ffff:127.0.0.1", [LOOPBACK], True),
        ("::ffff:10.2.0.1", [TEN], False),
        ("64:ff9b::10.1.0.1", [TEN], True),
        ("169.254.169.254", [ip_network("169.254.169.254")], True),
        ("nonsense", [ip_network("0.0.0.0/0")], False),
    ],
)
def test_an_opened_network_is_allowed_and_nothing_beside_it(
    address: str,
    networks: list[IPv4Network | IPv6Network],
    allowed: bool,
):
    assert is_allowed(address, networks) is allowed


def test_a_local_nat64_address_with_a_shorter_prefix_is_judged_by_the_one_it_carries():
    """RFC 6052, 2.2: 10.0.0.1 with a prefix of 48 bits, whatever stands at its end."""
    assert not is_allowed("64:ff9b:1:a00:0:100:808:808")


@pytest.mark.parametrize("port", [21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 993, 6000, 6667, 10080])
def test_ports_of_other_protocols_are_refused(port):
    assert port in REFUSED_PORTS


@pytest.mark.parametrize("port", [80, 81, 443, 591, 3000, 5000, 8000, 8008, 8080, 8443, 9000])
def test_ports_where_the_web_is_served_are_not(port):
    assert port not in REFUSED_PORTS


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "192.168.0.1", "[::ffff:10.0.0.1]"])
def test_an_address_that_is_not_public_is_inside(host):
    assert is_inside(host)


@pytest.mark.parametrize("host", ["example.com", "localhost", "8.8.8.8", "[2606:4700::1111]"])
def test_a_name_or_a_public_address_is_not(host):
    assert not is_inside(host)

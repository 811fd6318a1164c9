"""Hops and redirects may lead to the public web though no seed is on it: without a contact, nothing is asked there."""

from __future__ import annotations

from types import SimpleNamespace

from backlink_crawler.config import Config
from backlink_crawler.crawl.resolver import GuardedResolver

PUBLIC = "93.184.215.14"


def guard(**environment: str) -> GuardedResolver:
    config = Config.from_environment({f"BACKLINKS_{name}": value for name, value in environment.items()})
    return GuardedResolver(SimpleNamespace(nameResolver=None), config)


def test_without_a_contact_no_public_address_is_connected_to():
    for networks in ("", "10.0.0.0/8"):
        resolver = guard(ALLOW_NETWORKS=networks)
        assert resolver.vet("example.com", 443, [PUBLIC], pinned=False) == []
        assert resolver.refusals == {"example.com": "refused_no_contact"}


def test_with_a_contact_it_is():
    assert guard(CONTACT="bot@example.com").vet("example.com", 443, [PUBLIC], pinned=False) == [PUBLIC]


def test_networks_that_were_opened_need_none():
    resolver = guard(ALLOW_NETWORKS="10.0.0.0/8")
    assert resolver.vet("wiki.inside", 80, ["10.1.2.3"], pinned=False) == ["10.1.2.3"]
    assert resolver.vet("both.inside", 80, ["10.1.2.3", PUBLIC], pinned=False) == []

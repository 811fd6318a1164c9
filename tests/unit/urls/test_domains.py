"""A host's registrable domain, by the Public Suffix List with its private section."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tldextract.suffix_list import SuffixListNotFound

from backlink_crawler.model import Refusal
from backlink_crawler.urls.domains import domain_of, suffix_list_version, suffixes_of
from backlink_crawler.urls.normalise import host_of, resolve


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("example.com", "example.com"),
        ("www.example.com", "example.com"),
        ("a.b.c.example.com", "example.com"),
        ("example.co.uk", "example.co.uk"),
        ("www.example.co.uk", "example.co.uk"),
        ("shop.example.or.at", "example.or.at"),
        ("xn--rstwerk-90a.at", "xn--rstwerk-90a.at"),
        ("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
    ],
)
def test_a_domain_is_what_somebody_registered(host, domain):
    assert domain_of(host) == domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("foo.github.io", "foo.github.io"),
        ("www.foo.github.io", "foo.github.io"),
        ("foo.blogspot.com", "foo.blogspot.com"),
        ("foo.s3.amazonaws.com", "foo.s3.amazonaws.com"),
        ("foo.pages.dev", "foo.pages.dev"),
    ],
)
def test_the_private_section_counts(host, domain):
    assert domain_of(host) == domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("b.c.kobe.jp", "b.c.kobe.jp"),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("city.kobe.jp", "city.kobe.jp"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        ("www.www.ck", "www.ck"),
        ("a.b.ck", "a.b.ck"),
    ],
)
def test_wildcard_rules_and_their_exceptions_count(host, domain):
    assert domain_of(host) == domain


@pytest.mark.parametrize("host", ["com", "co.uk", "github.io", "b.ck", "localhost"])
def test_a_public_suffix_is_its_own_domain(host):
    assert domain_of(host) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [("bergkaffee.test", "bergkaffee.test"), ("a.b.bergkaffee.test", "bergkaffee.test"), ("intranet", "intranet")],
)
def test_a_tld_that_the_list_lacks_counts_by_its_default_rule(host, domain):
    assert domain_of(host) == domain


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.7", "[::1]", "[2001:db8::80]"])
def test_an_ip_address_is_its_own_domain(host):
    assert domain_of(host) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.com:8443", "example.com"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "[::1]"),
        ("localhost:8000", "localhost"),
    ],
)
def test_a_port_is_ignored(host, domain):
    assert domain_of(host) == domain


def test_the_dot_of_the_root_is_ignored():
    assert domain_of("www.example.com.") == "example.com"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_host_has_a_domain_that_it_ends_with(text):
    url = resolve(f"http://{text}/", "http://example.com/")
    if not isinstance(url, Refusal):
        host = re.sub(r":\d+$", "", host_of(url).rpartition("@")[2])
        domain = domain_of(host)
        assert domain
        assert host.removesuffix(".").endswith(domain) or host == domain


def test_the_list_that_is_used_says_which_it_is():
    assert re.fullmatch(r"20\d\d-\d\d-\d\d_\d\d-\d\d-\d\d_UTC", suffix_list_version())


def test_a_list_that_is_not_there_is_an_error_and_no_older_one_stands_in(tmp_path):
    with pytest.raises(SuffixListNotFound):
        suffixes_of((tmp_path / "list").as_uri())


def test_the_rules_are_those_of_the_given_list_read_as_utf_8(tmp_path):
    (tmp_path / "list").write_text("// ===BEGIN ICANN DOMAINS===\ntest\nshop.test\n公司.test\n", encoding="utf-8")
    rules = suffixes_of((tmp_path / "list").as_uri())
    for host in ("a.shop.test", "a.xn--55qx5d.test"):
        assert rules.extract_str(f"www.{host}").top_domain_under_public_suffix == host
    assert rules.extract_str("www.example.com").suffix == ""

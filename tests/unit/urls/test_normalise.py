"""A normalised URL is the identity of a page."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backlink_crawler.config import TRACKING_PARAMETERS
from backlink_crawler.model import Refusal, Url
from backlink_crawler.urls.normalise import (
    MAX_URL_LENGTH,
    Normaliser,
    drop_credentials,
    drop_empty_query,
    drop_fragment,
    encode_disallowed,
    host_name,
    host_of,
    normalise_escapes,
    resolve,
    url_hash,
)

normalise = Normaliser(TRACKING_PARAMETERS)


def text_of(url: str) -> str:
    normal = normalise(url)
    assert isinstance(normal, Url)
    return normal.text


def test_the_steps_are_named_and_stand_in_this_order():
    assert [step.__name__ for step in normalise.steps] == [
        "drop_fragment",
        "drop_credentials",
        "encode_disallowed",
        "normalise_escapes",
        "drop_tracking_parameters",
        "drop_empty_query",
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a#top", "https://example.com/a"),
        ("https://example.com/a#", "https://example.com/a"),
        ("https://example.com/a?b#c?d#e", "https://example.com/a?b"),
        ("https://example.com/a", "https://example.com/a"),
    ],
)
def test_a_fragment_is_dropped(url, expected):
    assert drop_fragment(url) == expected
    assert text_of(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:password@example.com/a", "https://example.com/a"),
        ("https://user@example.com:8443/", "https://example.com:8443/"),
        ("https://a%40b:c@example.com/", "https://example.com/"),
        ("https://user:p@[2001:db8::1]:81/", "https://[2001:db8::1]:81/"),
        ("https://example.com/@user", "https://example.com/@user"),
        ("https://example.com/?mail=a@b.com", "https://example.com/?mail=a@b.com"),
        ("https://example.com//user@host/", "https://example.com//user@host/"),
    ],
)
def test_credentials_are_dropped_and_other_at_signs_stay(url, expected):
    assert drop_credentials(url) == expected
    assert text_of(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com/a?b=", "https://example.com/a?b="),
        ("https://example.com/a??", "https://example.com/a??"),
        ("https://example.com/a?b?", "https://example.com/a?b?"),
    ],
)
def test_an_empty_query_is_dropped_and_a_question_mark_in_a_query_is_not(url, expected):
    assert drop_empty_query(url) == expected
    assert text_of(url) == expected


@pytest.mark.parametrize(
    ("character", "escape"),
    [
        ("|", "%7C"),
        ("^", "%5E"),
        ('"', "%22"),
        ("<", "%3C"),
        (">", "%3E"),
        ("`", "%60"),
        ("{", "%7B"),
        ("}", "%7D"),
        ("\\", "%5C"),
        ("[", "%5B"),
        ("]", "%5D"),
        ("\x7f", "%7F"),
    ],
)
def test_what_rfc_3986_does_not_allow_raw_is_percent_encoded_in_path_and_query(character, escape):
    url = f"https://example.com/a{character}b?c{character}d"
    assert encode_disallowed(url) == f"https://example.com/a{escape}b?c{escape}d"
    assert text_of(url) == f"https://example.com/a{escape}b?c{escape}d"


def test_the_brackets_of_an_ipv6_host_stay():
    assert text_of("https://[2001:db8::1]/[a]") == "https://[2001:db8::1]/%5Ba%5D"


@pytest.mark.parametrize("character", list("!$&'()*+,;=:@-._~"))
def test_what_rfc_3986_allows_in_a_path_stays_raw(character):
    assert text_of(f"https://example.com/a{character}b") == f"https://example.com/a{character}b"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/%e4%f6", "https://example.com/%E4%F6"),
        ("https://example.com/%41%5a%61%7a%30%39", "https://example.com/AZaz09"),
        ("https://example.com/%2d%2E%5f%7E", "https://example.com/-._~"),
        ("https://example.com/%7Euser/?q=%7euser", "https://example.com/~user/?q=~user"),
        ("https://example.com/a%2fb%3fc%23d%26e%25f", "https://example.com/a%2Fb%3Fc%23d%26e%25f"),
        # once: what would become another escape stays
        ("https://example.com/%2541", "https://example.com/%2541"),
        ("https://example.com/%%34%31", "https://example.com/%%34%31"),
        ("https://example.com/%4%31%41", "https://example.com/%4%31A"),
        ("https://example.com/%%34%31%41", "https://example.com/%%34%31A"),
        ("https://example.com/a/%%32%65%%32%65/b", "https://example.com/a/%%32%65%%32%65/b"),
        ("https://example.com/100%", "https://example.com/100%"),
        ("https://example.com/%zz%4", "https://example.com/%zz%4"),
        ("https://example.com/%00%c3%bc", "https://example.com/%00%C3%BC"),
    ],
)
def test_escapes_are_uppercased_and_the_unreserved_ones_decoded(url, expected):
    assert normalise_escapes(url) == expected
    assert text_of(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?b=2&a=1",
        "https://example.com/a/",
        "https://example.com/a",
        "https://www.example.com/",
        "http://example.com/",
        "https://example.com./",
        "https://example.com:8443/",
        "https://example.com/A/b",
        "https://example.com//a//b",
        "https://example.com/index.html",
        "https://example.com/?PHPSESSID=1",
        "https://example.com/?a=1&a=1",
        "https://example.com/?a",
        "https://example.com/?a=+b%20c",
    ],
)
def test_what_only_a_redirect_or_canonical_can_decide_is_left_alone(url):
    assert text_of(url) == url


@pytest.mark.parametrize(
    "name",
    [
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_anything_else"),
        *("_ga", "_gl", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "igshid"),
        *("msclkid", "yclid", "twclid", "ttclid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok"),
        *("oly_anon_id", "oly_enc_id", "vero_id"),
    ],
)
def test_a_default_tracking_parameter_is_dropped_wherever_it_stands(name):
    assert text_of(f"https://example.com/?{name}=1") == "https://example.com/"
    assert text_of(f"https://example.com/?{name}") == "https://example.com/"
    assert text_of(f"https://example.com/?a=1&{name}=x%20y&b=2") == "https://example.com/?a=1&b=2"
    assert text_of(f"https://example.com/?{name.upper()}=1&a=1") == "https://example.com/?a=1"


def test_no_default_tracking_parameter_is_missing_above():
    assert set(TRACKING_PARAMETERS) == set(
        "utm_* _ga _gl gclid gclsrc dclid gbraid wbraid fbclid igshid msclkid yclid twclid ttclid mc_cid mc_eid "
        "_hsenc _hsmi mkt_tok oly_anon_id oly_enc_id vero_id".split(),
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?utm=1",
        "https://example.com/?xutm_source=1",
        "https://example.com/?gclid2=1",
        "https://example.com/?ref=newsletter",
        "https://example.com/?a=utm_source=1",
        "https://example.com/utm_source=1",
    ],
)
def test_what_only_looks_like_a_tracking_parameter_stays(url):
    assert text_of(url) == url


def test_a_tracking_parameter_is_known_by_its_decoded_name():
    assert text_of("https://example.com/?a=1&%75tm_source=x&%67clid=y") == "https://example.com/?a=1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/?a=1&&b=2", "https://example.com/?a=1&b=2"),
        ("https://example.com/?&a=1&", "https://example.com/?a=1"),
        ("https://example.com/?&", "https://example.com/"),
    ],
)
def test_empty_parameters_go_with_the_tracking_ones(url, expected):
    assert text_of(url) == expected


def test_the_tracking_parameters_are_a_setting():
    own = Normaliser(["Ref", "src_*"])
    normal = own("https://example.com/?ref=1&src_a=2&utm_source=3")
    assert isinstance(normal, Url)
    assert normal.text == "https://example.com/?utm_source=3"


def test_a_url_knows_its_host_domain_and_hash():
    # printf 'https://blog.example.co.uk:8443/a' | sha256sum
    assert normalise("https://user@blog.example.co.uk:8443/a?gclid=1#b") == Url(
        text="https://blog.example.co.uk:8443/a",
        host="blog.example.co.uk:8443",
        domain="example.co.uk",
        hash="202d6fd3d0e4b31509f97466a96bf62d",
    )


def test_the_hash_is_the_first_half_of_sha_256():
    # printf 'https://example.com/' | sha256sum
    assert url_hash("https://example.com/") == "0f115db062b7c0dd030b16878c99dea5"


def test_a_url_of_2048_characters_is_taken_and_a_longer_one_refused():
    start = "https://example.com/"
    longest = start + "a" * (2048 - len(start))
    assert MAX_URL_LENGTH == 2048
    assert text_of(longest) == longest
    assert normalise(longest + "a") is Refusal.URL_TOO_LONG


def test_the_length_counts_after_normalisation():
    start = "https://example.com/"
    assert text_of(f"{start}?utm_source={'a' * 3_000}#{'b' * 3_000}") == start
    assert normalise(start + "|" * 1_000) is Refusal.URL_TOO_LONG
    assert normalise(f"{start}?utm_source={'a' * 10_000}") is Refusal.URL_TOO_LONG  # not worth the time


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.com", "example.com"),
        ("example.com:8443", "example.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[::1]:81", "[::1]"),
        ("[2001:db8::80]", "[2001:db8::80]"),
    ],
)
def test_a_host_name_has_no_port(host, name):
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/", "example.com"),
        ("http://example.com:81/a/b?c=/d", "example.com:81"),
        ("http://[::1]:81/", "[::1]:81"),
        ("https://example.com./a.", "example.com"),
        ("https://example.com.:8443/", "example.com:8443"),
        ("https://example.com../", "example.com."),
        ("https://./", "."),
    ],
)
def test_a_host_has_its_port_and_no_dot_at_its_end(url, host):
    assert host_of(url) == host


_PIECES = st.sampled_from(
    "? ?? # & && = / // /./ .. . % %% %2 %2e %2E %%32%65 %7e %25 %26 %23 %3f %41 %75tm_source=1 utm_source=1 gclid "
    "_ga=1 a b 4 1 : @ ; : | ^ [ ] { } < > \" ' ` \\ é 日 %00 %ff \x7f".split(" "),
)
_URLS = st.lists(_PIECES | st.text(max_size=3), max_size=14).map(lambda pieces: "http://example.com" + "".join(pieces))


def assert_idempotent(url: str) -> None:
    once = normalise(url)
    if isinstance(once, Url):
        assert normalise(once.text) == once
        assert resolve(once.text, once.text) == once.text


@given(_URLS)
@example("http://example.com/??")
@example("http://example.com/?%75tm_source=1")
@example("http://example.com/%%32%65%%32%65/x")
@example("http://example.com/?&")
def test_normalisation_is_idempotent_on_what_looks_like_a_url(url):
    resolved = resolve(url, "http://base.example/")
    if not isinstance(resolved, Refusal):
        assert_idempotent(resolved)


@given(st.text(st.characters()))
def test_normalisation_is_idempotent_on_any_text(text):
    resolved = resolve(text, "http://example.com/a/b?c=d")
    if not isinstance(resolved, Refusal):
        assert_idempotent(resolved)


@given(_URLS)
def test_a_normalised_url_has_only_characters_that_rfc_3986_allows(url):
    resolved = resolve(url, "http://base.example/")
    normal = Refusal.INVALID_URL if isinstance(resolved, Refusal) else normalise(resolved)
    if isinstance(normal, Url):
        path = normal.text.split("/", 3)[3]
        assert re.fullmatch(r"[A-Za-z0-9\-._~%!$&'()*+,;=:@/?]*", path)

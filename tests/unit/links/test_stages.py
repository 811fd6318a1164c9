"""The two stages between extraction and storage."""

from __future__ import annotations

import pytest

from backlink_crawler.links.stages import normalise_link, tag_link
from backlink_crawler.model import AnchorSource, Link, LinkType, Refusal
from backlink_crawler.urls.normalise import Normaliser

_normalise = Normaliser(["utm_*"])


def link(href: str = "https://other.example/", rel: str = "") -> Link:
    return Link("a", href, LinkType.TEXT, "words", AnchorSource.TEXT, rel)


def test_a_link_is_given_the_url_that_it_leads_to():
    normal = link("https://www.other.example/a?utm_source=x#y")
    assert normalise_link(normal, _normalise) is None
    assert normal.to is not None
    assert (normal.to.text, normal.to.domain) == ("https://www.other.example/a", "other.example")
    assert normal.refused is None


def test_a_link_to_a_url_that_is_too_long_is_refused():
    long = link("https://other.example/" + "a" * 2_048)
    assert normalise_link(long, _normalise) is Refusal.URL_TOO_LONG
    assert (long.to, long.refused) == (None, Refusal.URL_TOO_LONG)


@pytest.mark.parametrize(
    ("rel", "tokens", "nofollow", "sponsored", "ugc"),
    [
        ("", (), False, False, False),
        ("noopener", ("noopener",), False, False, False),
        ("NOFOLLOW", ("nofollow",), True, False, False),
        ("sponsored ugc", ("sponsored", "ugc"), False, True, True),
        ("nofollow,sponsored,ugc", ("nofollow", "sponsored", "ugc"), True, True, True),
    ],
)
def test_a_link_is_given_its_tokens_and_flags(rel, tokens, nofollow, sponsored, ugc):
    tagged = link(rel=rel)
    tag_link(tagged)
    assert tagged.rel == tokens
    assert (tagged.is_nofollow, tagged.is_sponsored, tagged.is_ugc) == (nofollow, sponsored, ugc)

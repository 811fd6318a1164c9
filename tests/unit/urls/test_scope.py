"""Does a seed want a page? If not, why not?"""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

from backlink_crawler.model import Refusal, Scope, Seed, Url
from backlink_crawler.urls.normalise import Normaliser
from backlink_crawler.urls.scope import HTML_ENDINGS, NOT_HTML_ENDINGS, doubtful_ending, refusal

_normalise = Normaliser(())


def url(text: str) -> Url:
    normal = _normalise(text)
    assert isinstance(normal, Url)
    return normal


def refused(text: str, seed: str, scope: Scope, *, depth: int = 1, max_depth: int | None = None) -> Refusal | None:
    return refusal(url(text), Seed(url(seed), scope, max_depth=max_depth), depth)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://example.com/", None),
        ("https://example.com/a/b?c", None),
        ("http://example.com/", None),
        ("https://www.example.com/a", None),
        ("https://blog.example.com/", "refused_other_host"),
        ("https://example.com:8443/", "refused_other_host"),
        ("https://other.example/", "refused_other_host"),
        ("https://notexample.com/", "refused_other_host"),
    ],
)
def test_a_host_seed_wants_its_host_with_and_without_www(text, reason):
    assert refused(text, "https://example.com/", Scope.HOST) == reason
    assert refused(text, "https://www.example.com/start", Scope.HOST) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://example.co.uk/", None),
        ("https://blog.example.co.uk:8443/a", None),
        ("https://other.co.uk/", "refused_other_domain"),
        ("https://co.uk/", "refused_other_domain"),
    ],
)
def test_a_domain_seed_wants_all_hosts_of_its_domain(text, reason):
    assert refused(text, "https://www.example.co.uk/", Scope.DOMAIN) == reason


def test_two_sites_on_one_hosting_platform_are_two_domains():
    assert refused("https://b.github.io/", "https://a.github.io/", Scope.DOMAIN) is Refusal.OTHER_DOMAIN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://example.com/blog/", None),
        ("https://example.com/blog/2026/post?page=2", None),
        ("https://example.com/blog", "refused_outside_prefix"),
        ("https://example.com/shop/", "refused_outside_prefix"),
        ("http://example.com/blog/", "refused_outside_prefix"),
        ("https://www.example.com/blog/", "refused_outside_prefix"),
    ],
)
def test_a_prefix_seed_wants_what_begins_with_its_url(text, reason):
    assert refused(text, "https://example.com/blog/", Scope.PREFIX) == reason


@pytest.mark.parametrize(
    ("depth", "max_depth", "reason"),
    [(0, 0, None), (1, 0, "refused_too_deep"), (3, 3, None), (4, 3, "refused_too_deep"), (1_000, None, None)],
)
def test_a_page_deeper_than_the_seed_allows_is_refused(depth, max_depth, reason):
    found = refused("https://example.com/a", "https://example.com/", Scope.HOST, depth=depth, max_depth=max_depth)
    assert found == reason


@pytest.mark.parametrize("ending", ["pdf", "PDF", "jpg", "mp4", "docx", "svg", "woff2"])
def test_what_is_never_html_is_not_fetched(ending):
    assert refused(f"https://example.com/a/b.{ending}", "https://example.com/", Scope.HOST) is Refusal.NOT_HTML
    assert refused(f"https://example.com/b.{ending}?v=1", "https://example.com/", Scope.HOST) is Refusal.NOT_HTML


@pytest.mark.parametrize(
    "path",
    [
        *("", "pdf", "a.pdf/", "a.html", "a.htm", "a.php", "a.aspx", "a.jsp", "a.unknown", "example.com", "v1.2"),
        *("?file=a.pdf", "a?b.pdf", "a.pdf/b", "a.", "."),
        *("wiki/Node.js", "vercel/next.js", "domain/example.zip", "team.sig", "a.xml", "dyn/closer.cgi/a.tar.gz"),
        *("wiki/File:Photo.jpg", "wiki/Datei%3AFoto.jpg"),
    ],
)
def test_what_may_be_html_is_wanted(path):
    assert refused(f"https://example.com/{path}", "https://example.com/", Scope.HOST) is None


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("wiki/Node.js", "js"),
        ("wiki/ASP.NET?action=edit", "net"),
        ("a.tar.gz", "gz"),
        ("example.com", "com"),
        ("a.7z", "7z"),
        *(
            (path, None)
            for path in ("", "a", "a.js/", "a.js/b", "docs/v2.0", "a.html", "a.PHP", "a.", ".", "C.S._Lewis")
        ),
        *((path, None) for path in ("?a.js", "On the 3rd. November", "a.averylongending")),
    ],
)
def test_the_ending_of_what_may_be_a_page_or_a_file(path, ending):
    assert doubtful_ending(url(f"https://example.com/{path}").text) == ending


def test_no_domain_ends_like_what_is_never_html():
    assert {
        ending for ending in NOT_HTML_ENDINGS if PublicSuffixList(accept_unknown=False).publicsuffix(ending)
    } == set()


def test_an_ending_is_listed_once():
    assert NOT_HTML_ENDINGS.isdisjoint(HTML_ENDINGS)
    assert {"js", "zip", "com", "md", "net", "0", "txt", "json"}.isdisjoint(NOT_HTML_ENDINGS | HTML_ENDINGS)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("a/a/a/", None),
        ("a/a/a/a/", "refused_repeated_segments"),
        ("a/b/a/b/a/b/a", "refused_repeated_segments"),
        ("a/b/c/d/e/f/g/h", None),
        ("////////", None),
        ("a?x=/a/a/a/a", None),
    ],
)
def test_a_path_that_repeats_itself_is_a_trap(path, reason):
    assert refused(f"https://example.com/{path}", "https://example.com/", Scope.DOMAIN) == reason


def test_where_a_page_is_comes_before_what_it_is():
    assert refused("https://other.example/a.pdf", "https://example.com/", Scope.HOST) is Refusal.OTHER_HOST

"""Where does a browser go that follows this href on that page?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.model import Refusal
from backlink_crawler.urls.normalise import resolve

BASE = "https://example.com/a/b?c=d"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("", "https://example.com/a/b?c=d"),
        ("e", "https://example.com/a/e"),
        ("./e", "https://example.com/a/e"),
        ("../e", "https://example.com/e"),
        ("../../../e", "https://example.com/e"),
        ("/e", "https://example.com/e"),
        ("?e", "https://example.com/a/b?e"),
        ("#e", "https://example.com/a/b?c=d#e"),
        ("//other.example/e", "https://other.example/e"),
        ("http://other.example", "http://other.example/"),
        ("https:e", "https://example.com/a/e"),
        ("https:///other.example/e", "https://other.example/e"),
        ("\\\\other.example\\e", "https://other.example/e"),
        (" \n https://other.example/\te \r", "https://other.example/e"),
        ("ht\ntps://other.example/", "https://other.example/"),
        ("HTTPS://OTHER.Example/E", "https://other.example/E"),
        ("https://other.example:443/", "https://other.example/"),
        ("http://other.example:443/", "http://other.example:443/"),
        ("https://röstwerk.test/über?ö=ü", "https://xn--rstwerk-90a.test/%C3%BCber?%C3%B6=%C3%BC"),
        ("https://other.example/a b?c d", "https://other.example/a%20b?c%20d"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("/a/%2e%2e/b/%2E/c", "https://example.com/b/c"),
    ],
)
def test_an_href_resolves_as_in_a_browser(href, expected):
    assert resolve(href, BASE) == expected


@pytest.mark.parametrize(
    ("href", "reason"),
    [
        ("mailto:info@example.com", "refused_mailto"),
        ("MAILTO:", "refused_mailto"),
        (" \t mailto:info@example.com", "refused_mailto"),
        ("tel:+43512123456", "refused_tel"),
        ("javascript:void(0)", "refused_javascript"),
        ("JavaScript:;", "refused_javascript"),
        ("java\nscript:alert(1)", "refused_javascript"),
        ("data:text/html,<a href='https://other.example/'>", "refused_data"),
        ("ftp://other.example/", "refused_other_scheme"),
        ("file:///etc/passwd", "refused_other_scheme"),
        ("about:blank", "refused_other_scheme"),
        ("blob:https://other.example/1", "refused_other_scheme"),
        ("ws://other.example/", "refused_other_scheme"),
        ("whatsapp://send?text=a", "refused_other_scheme"),
        ("sms:+43512123456", "refused_other_scheme"),
        ("urn:isbn:9783551551672", "refused_other_scheme"),
        ("view-source:https://other.example/", "refused_other_scheme"),
        ("https://", "refused_invalid_url"),
        ("http://other.example:99999/", "refused_invalid_url"),
        ("http://[::1/", "refused_invalid_url"),
        ("http://a b/", "refused_invalid_url"),
        ("http://1.2.3.4.5/", "refused_invalid_url"),
        ("http://%00/", "refused_invalid_url"),
        ("https://other.example/\ud800", "refused_invalid_url"),
    ],
)
def test_everything_else_than_http_is_refused_with_its_reason(href, reason):
    refusal = resolve(href, BASE)
    assert isinstance(refusal, Refusal)
    assert refusal == reason


def test_a_relative_href_has_no_place_on_a_base_that_is_no_hierarchy():
    assert resolve("e", "mailto:info@example.com") is Refusal.INVALID_URL


@pytest.mark.parametrize(
    ("encoding", "href", "expected"),
    [
        # Each as Chromium 156 gives it on a page of that encoding.
        ("cp1252", "?q=Einspänner", "?q=Einsp%E4nner"),
        ("cp1252", "?q=5€", "?q=5%80"),
        ("cp1252", "?q=\x81☃☃'", "?q=%81%26%239731%3B%26%239731%3B%27"),
        ("cp932", "?q=コーヒー", "?q=%83R%81[%83q%81["),
        ("cp932", "?q=ソァー", "?q=%83\\%83@%81["),
        ("cp932", "?q=¥‾−", "?q=\\~%81|"),
        ("cp1251", "?q=Кофе&я", "?q=%CA%EE%F4%E5&%FF"),
        ("gb18030", "?q=咖啡😀㐀", "?q=%BF%A7%B7%C8%949%FC6%819%EE9"),
        ("gbk", "?q=咖啡€", "?q=%BF%A7%B7%C8%80"),
        ("gbk", "?q=😀", "?q=%26%23128512%3B"),
        ("euc_jp", "?q=①～", "?q=%AD%A1%A1%C1"),
        ("iso2022_jp", "?q=こん x", "?q=%1B$B$3$s%1B(B%20x"),
        ("big5hkscs", "?q=中‧", "?q=%A4%A4%A1E"),
        ("cp949", "?q=가�[", "?q=%B0%A1%26%2365533%3B["),
        ("koi8-r", "?q=Кофе☃", "?q=%EB%CF%C6%C5%26%239731%3B"),
        ("iso8859-8", "?q=א", "?q=%E0"),
        ("utf-8", "?q=ä", "?q=%C3%A4"),
        ("utf-16-le", "?q=ä", "?q=%C3%A4"),
        ("utf-16-be", "?q=ä", "?q=%C3%A4"),
    ],
)
def test_a_query_is_percent_encoded_in_the_encoding_of_the_page(encoding, href, expected):
    assert resolve(href, "https://example.com/a", encoding) == "https://example.com/a" + expected


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/ä?ö#ü", "https://example.com/%C3%A4?%F6#%C3%BC"),
        ("/ä", "https://example.com/%C3%A4"),
        ("#?ä", "https://example.com/a/b?c=d#?%C3%A4"),
        ("https://röstwerk.test/?ö", "https://xn--rstwerk-90a.test/?%F6"),
        ("?a?ö", "https://example.com/a/b?a?%F6"),
        ("?%F6+ö <>\"'", "https://example.com/a/b?%F6+%F6%20%3C%3E%22%27"),
    ],
)
def test_host_path_and_fragment_are_utf_8_whatever_the_page_is(href, expected):
    assert resolve(href, BASE, "cp1252") == expected


_CODECS = st.sampled_from(
    ["cp1251", "cp1252", "cp932", "cp949", "big5hkscs", "gbk", "gb18030", "euc_jp", "iso2022_jp", "koi8-u"],
)


@given(st.text(st.characters()), st.text(st.characters()), _CODECS)
def test_any_href_on_any_base_in_any_encoding_gives_an_http_url_or_a_reason(href, path, encoding):
    base = resolve(path, BASE, encoding)
    resolved = resolve(href, BASE if isinstance(base, Refusal) else base, encoding)
    assert isinstance(resolved, Refusal) or resolved.startswith(("http://", "https://"))
    assert resolved.isascii()

"""Which answers a browser shows as a page. Expected values are Chromium 156's, or MIME Sniffing's where it downloads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlink_crawler.links.documents import Document, begins_page, document_in, document_of

HTML, OTHER, XML = Document.HTML, Document.OTHER, Document.XML
PAGE = b'<!DOCTYPE html><title>T</title><a href="https://target.example/">x</a>'
WORDS = b'words first, then <a href="https://target.example/">x</a>'
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'
PROLOG = b'<?xml version="1.0"?><!-- html --><!DOCTYPE html [<!ENTITY a "b">]>\n'


@pytest.mark.parametrize(
    ("content_type", "page", "words"),
    [
        ("text/html", HTML, HTML),
        ("text/html charset=utf-8", HTML, HTML),
        ("text/html, charset=utf-8", HTML, HTML),
        ("text/html,text/html; charset=utf-8", HTML, HTML),
        ("text/plain, text/html", HTML, HTML),
        ("text/html, text/plain", OTHER, OTHER),
        ("", HTML, OTHER),
        ("html", HTML, OTHER),
        ("text/html/", HTML, OTHER),
        ('"text/html"', HTML, OTHER),
        (": text/html", HTML, OTHER),
        ("*/*", HTML, OTHER),
        ("application/unknown", HTML, OTHER),
        ("unknown/unknown", HTML, OTHER),
        ("text/plain", OTHER, OTHER),
        ("application/octet-stream", OTHER, OTHER),
        ("text/html5", OTHER, OTHER),
        ("application/json", OTHER, OTHER),
        ("image/svg+xml", OTHER, OTHER),
        ("text/xml", OTHER, OTHER),
    ],
)
def test_the_type_decides_and_the_first_bytes_where_there_is_none(content_type, page, words):
    assert document_in(PAGE, content_type) is page
    assert document_in(WORDS, content_type) is words


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b"\n\t <HTML>", HTML),
        (b"<!-- comment -->", HTML),
        (b"<!--x-->", OTHER),
        (b"<p class=a>", HTML),
        (b"<p/>", OTHER),
        (b"<pre>", OTHER),
        (b"<ul>", OTHER),
        (b"<meta charset=utf-8>", OTHER),
        (b"\xef\xbb\xbf<!DOCTYPE html>", OTHER),
        (b"%PDF-1.7 <html>", OTHER),
        (b"", OTHER),
        (b'<?xml version="1.0"?>' + XHTML, XML),
        (b'<?xml version="1.0"?><rss/>', OTHER),
        (b" " * 2_000 + b"<html>", OTHER),
    ],
)
def test_what_the_first_bytes_of_no_known_type_make_of_it(body, document):
    assert document_in(body, "") is document


def test_who_forbids_to_sniff_is_obeyed():
    assert document_in(PAGE, "", nosniff=True) is OTHER
    assert document_in(PAGE, "text/html", nosniff=True) is HTML
    assert document_of("", nosniff=True) is OTHER


@pytest.mark.parametrize("content_type", ["application/xhtml+xml", "text/xml; charset=utf-8", "application/xml"])
@pytest.mark.parametrize(
    ("body", "document"),
    [
        (XHTML, XML),
        (PROLOG + XHTML, XML),
        (b"\xef\xbb\xbf" + XHTML, XML),
        (b'<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>', XML),
        (b"<html><body/></html>", OTHER),
        (b"<rss><html xmlns='http://www.w3.org/1999/xhtml'/></rss>", OTHER),
        (b"<!-- <html xmlns='http://www.w3.org/1999/xhtml'> -->", OTHER),
        (b"", OTHER),
    ],
)
def test_xml_is_a_page_if_its_root_is_html(content_type, body, document):
    assert document_in(body, content_type) is document


@pytest.mark.parametrize("content_type", ["", "text/xml"])
@given(
    body=st.binary(max_size=1_500) | st.sampled_from([PAGE, PROLOG + XHTML, WORDS, b" " * 1_500]),
    cut=st.integers(0, 1_500),
)
def test_no_beginning_of_a_page_is_sent_away(content_type, body, cut):
    assert begins_page(body[:cut], content_type) or document_in(body, content_type) is OTHER


def test_what_can_be_no_page_is_sent_away_by_its_first_bytes():
    assert not begins_page(b"<?xml version='1.0'?><rss version='2.0'>", "application/xml")
    assert not begins_page(b"words" * 300, "")
    assert begins_page(b"words", "")

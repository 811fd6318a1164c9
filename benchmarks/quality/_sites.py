"""The pages of the 20 real sites and the 399 single pages of the conformance data, as they are read."""

from __future__ import annotations

import tarfile
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from backlink_crawler.links.encoding import decode
from backlink_crawler.links.html import parse_body
from backlink_crawler.links.simhash import seen_text_of
from backlink_crawler.model import Refusal
from backlink_crawler.urls.normalise import host_of, resolve
from benchmarks.environment import data_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlink_crawler.links.html import ParsedPage
    from backlink_crawler.model import Link


class Page(NamedTuple):
    """links: of its `a` and `area`, also those inside its domain."""

    url: str
    title: str
    headings: str
    language: str
    links: list[Link]


@cache
def site_pages() -> list[Page]:
    """Of the 20 sites. Raises Skipped."""
    return list(_site_pages())


@cache
def single_pages() -> list[Page]:
    """Of 399 sites. Raises Skipped."""
    with tarfile.open(data_file("pages.tar.xz")) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        listed = next(file for name, file in files.items() if name.endswith("pages.tsv"))
        assert listed is not None
        pages = []
        for line in listed.read().decode().splitlines():
            url, name, content_type = line.split("\t")
            file = files[name]
            assert file is not None
            pages.append(_page(url, parse_body(file.read(), url, content_type, every_link=True)))
        return pages


def page_texts() -> Iterator[tuple[str, str, frozenset[str]]]:
    """(url, what a reader sees of it, URLs of other hosts to which it links) of all of both. Raises Skipped."""
    for url, body in (*_site_bodies(), *_single_bodies()):
        host, tree = host_of(url), LexborHTMLParser(decode(body, "text/html", is_xml=False)[0] or " ")
        found = (resolve(node.attrs.get("href") or "", url) for node in tree.css("a[href], area[href]"))
        links = frozenset(str(each) for each in found if not isinstance(each, Refusal) and host_of(each) != host)
        yield url, seen_text_of(tree), links


def _single_bodies() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(data_file("pages.tar.xz")) as archive:
        bodies = {
            member.name.rpartition("/")[2]: file.read()
            for member in archive
            if member.isfile() and (file := archive.extractfile(member))
        }
    for line in bodies["pages.tsv"].decode().splitlines():
        url, name, _ = line.split("\t")
        yield url, bodies[name.rpartition("/")[2]]


def _site_pages() -> Iterator[Page]:
    for url, body in _site_bodies():
        yield _page(url, parse_body(body, url, "text/html", every_link=True))


def _site_bodies() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(data_file("web.tar.xz")) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            body = file.read() if file else b""
            if b"<" in body[:2_000]:
                yield f"https://{member.name.split('/', 1)[1]}", body


def _page(url: str, page: ParsedPage) -> Page:
    facts = page.facts
    links = [link for link in page.links if link.tag in {"a", "area"}]
    return Page(url, facts.title, facts.headings, facts.language, links)

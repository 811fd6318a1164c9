"""Declarative shadow roots: what a browser shows of them counts. Expected values are Chromium 156's."""

from __future__ import annotations

import pytest

from backlink_crawler.links.html import ParsedPage, parse_page

LINK = "<a href=https://in.example/>in</a>"
ROOT = f"<template shadowrootmode=open>{LINK}</template>"


def hrefs(html: str) -> list[str]:
    return [link.href for link in parse(html).links]


def parse(html: str) -> ParsedPage:
    return parse_page(html, "https://page.example/")


@pytest.mark.parametrize(
    "html",
    [
        f"<x-card>{ROOT}</x-card>",
        f"<div>{ROOT}</div>",
        f"<p>{ROOT}</p>",
        f"<body>{ROOT}",
        f"<div><template ShadowRootMode=CLOSED>{LINK}</template></div>",
        f"<table><tr><td><span>{ROOT}</span></table>",
        f"<div><template shadowrootmode=open><x-y>{ROOT}</x-y></template></div>",
    ],
)
def test_links_in_a_shadow_root_are_links(html):
    assert hrefs(html) == ["https://in.example/"]


@pytest.mark.parametrize(
    "html",
    [
        f"<template>{LINK}</template>",
        f"<div><template shadowrootmode>{LINK}</template></div>",
        f"<div><template shadowrootmode=x>{LINK}</template></div>",
        f"<ul>{ROOT}</ul>",
        f"<table>{ROOT}</table>",
        f"<a>{ROOT}</a>",
        f"<font-face>{ROOT}</font-face>",
        f"<template><div>{ROOT}</div></template>",
        f"<head>{ROOT}</head>",
    ],
)
def test_links_in_any_other_template_are_none(html):
    assert hrefs(html) == []


def test_the_first_root_of_an_element_counts_and_stands_before_its_children():
    second = "<template shadowrootmode=open><a href=https://second.example/></a></template>"
    page = parse(f"<div><a href=https://child.example/>c</a>{ROOT}{second}</div>")
    assert [(link.href, link.anchor) for link in page.links] == [
        ("https://in.example/", "in"),
        ("https://child.example/", "c"),
    ]


def test_what_is_the_documents_says_nothing_in_a_shadow_root():
    page = parse(
        "<div><template shadowrootmode=open><base href=/sub/><title>in</title><meta name=robots content=nofollow>"
        "<link rel=canonical href=https://c.example/><meta http-equiv=refresh content='0;url=https://r.example/'>"
        "<iframe src=https://frame.example/></iframe></template></div><a href=rel>r</a>"
    )
    assert list(page.internal) == ["https://page.example/rel"]
    assert [link.href for link in page.links] == ["https://frame.example/"]
    assert (page.facts.title, page.facts.robots.nofollow, page.hints.refreshes) == ("", False, False)

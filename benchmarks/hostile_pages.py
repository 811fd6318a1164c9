"""Forty pages that cost whoever reads them as much as can be: small ones, and as large as is read at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 10 * 1024 * 1024 - 4096  # bytes: DOWNLOAD_MAXSIZE, less the rest of the page
HEAD = b'<!doctype html><title>hostile</title><a href="http://before.example/">before</a>'


def of(unit: bytes, size: int) -> bytes:
    """So much of the same."""
    return unit * (size // len(unit))


def numbered(form: bytes, size: int) -> bytes:
    """So much of what differs by a number only."""
    parts, length, number = [], 0, 0
    while length < size:
        parts.append(form % number)
        length += len(parts[-1])
        number += 1
    return b"".join(parts)


def escapes_in_layers(size: int) -> bytes:
    """Each undoing of escapes brings forth one more (`%%32%65`)."""
    url = b"<a href=http://deep.example/" + b"%25" * 600 + b"%32%35" * 600 + b"%%32%35" * 300 + b">x</a>"
    return of(url, size)


def formatting_repeated(elements: int) -> bytes:
    """Elements that each of as many paragraphs repeats: some 20 bytes make `elements` elements."""
    return b"<p>" + b"".join(b"<b id=%x>" % number for number in range(elements)) + b"</p><p>x" * elements


PAGES: dict[str, Callable[[], bytes]] = {
    # seen in the wild of bug reports and attacks
    "tags-in-a-tag": lambda: of(b"<a", 140_000),
    "application-roots-in-one-another": lambda: of(b"<div id=root>", 2_100_000) + b"<script src=x></script>",
    "escapes-in-layers": lambda: escapes_in_layers(2_400_000),
    "formatting-repeated": lambda: formatting_repeated(2_000),
    # elements in one another
    "divs": lambda: of(b"<div>", MOST),
    "divs-in-64-kb": lambda: of(b"<div>", 64_000),
    "divs-under-the-bound": lambda: of(b"<div>", 1_490 * 5) + b"x" * 55_000,
    "drawing-groups": lambda: b"<svg>" + of(b"<g>", MOST),
    "drawing-closed-by-others": lambda: b"<svg>" + of(b"<g>", MOST // 2) + of(b"</x>", MOST // 2),
    "divs-closed-by-others": lambda: of(b"<div>", 500_000) + of(b"</x>", 500_000),
    "divs-and-paragraphs": lambda: of(b"<div>", 500_000) + of(b"<p></p>", 500_000),
    "spans-and-items": lambda: of(b"<span>", MOST // 2) + of(b"<li>", MOST // 2),
    "definitions": lambda: of(b"<div>", MOST // 2) + of(b"<dd><dt>", MOST // 2),
    "tables": lambda: of(b"<table><td>", MOST),
    "links-in-tables-in-links": lambda: of(b"<a href=//deep.example><table><td>", MOST),
    "images-in-links-in-tables": lambda: of(b"<a href=//deep.example><table><td><img alt=x>", 2_000_000),
    "templates": lambda: of(b"<template><tr>", MOST),
    "drawing-with-deep-titles": lambda: b"<svg>" + of(b"<g>", 1_000_000) + of(b"<title></title>", 1_000_000),
    # formatting, and what undoes it
    "formatting-repeated-under-the-bound": lambda: formatting_repeated(495),
    "formatting-repeated-10-mb": lambda: formatting_repeated(MOST // 22),
    "long-formatting-repeated": lambda: b"<p><b title='" + b"x" * 500_000 + b"'>" + of(b"</p><p>x", 500_000),
    "long-formatting-under-the-bound": lambda: b"<p><b title='" + b"x" * 58_000 + b"'>" + b"</p><p>x" * 740,
    "fonts": lambda: numbered(b"<font size=%d>", 2_000_000),
    "fonts-and-divs": lambda: numbered(b"<font size=%d><div>", 1_000_000) + of(b"</font>", 1_000_000),
    "misnested": lambda: of(b"<b><p>", MOST // 2) + of(b"</b>", MOST // 2),
    "links-in-links": lambda: of(b"<a href=x><div>", MOST),
    "no-breaks": lambda: of(b"<nobr><div>", MOST),
    "foster-parents": lambda: b"<table>" + of(b"<b>x", MOST),
    "foster-parents-of-links": lambda: of(b"<table><a href=//deep.example>x<tr>", MOST),
    # attributes
    "attributes": lambda: b"<p " + numbered(b"a%x ", MOST - 100) + b">",
    "attributes-under-the-bound": lambda: b"<p " + numbered(b"a%x ", 65_000) + b">",
    "attributes-of-the-body": lambda: numbered(b"<body a%x>", MOST),
    # much of everything
    "links": lambda: numbered(b"<a href=//a%x.example>x</a>", MOST),
    "links-under-a-long-base": lambda: (
        b"<base href=/" + b"b" * 5_000_000 + b"/>" + numbered(b"<a href=%x>x", 5_000_000)
    ),
    "links-of-8-kb": lambda: numbered(b"<a href=//a.example/%x" + b"%%41" * 2_600 + b">x</a>", MOST),
    "links-with-long-words": lambda: numbered(b"<a href=//a%x.example title=x>" + b"word " * 190 + b"</a>", MOST),
    "links-in-a-form-of-options": lambda: b"<select>" + of(b"<option>", MOST),
    "paragraphs": lambda: of(b"<p>", MOST),
    "comments": lambda: of(b"<!---->", MOST),
    "nothing": lambda: bytes(MOST),
}

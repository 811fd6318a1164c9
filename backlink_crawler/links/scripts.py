"""What a look at a page's scripts says: could they write links, and whose work is the page?

A file is not looked into, as it has not been asked for. So every file may write links, but for a few libraries that do
nothing unless another script tells them to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_DATA = frozenset({"application/json", "application/ld+json", "importmap", "speculationrules", "text/template"})
_LIBRARY = re.compile(
    r"(jquery([.-]migrate)?|bootstrap(\.bundle)?|popper|html5shiv|respond|modernizr|underscore|prettify)"
    r"([.-]v?\d+(\.\d+)*)?([.-](slim|min|umd|js))*\.js"
)
_COUNT_VISITORS = ("_paq", "_gaq", "gtag(", "GoogleAnalyticsObject", "googletagmanager", "fbq(")
# What writes links, each pattern beginning with letters by which it is found: scripts of a megabyte are usual.
_WRITES_LINKS = (
    re.compile(r"<a\s"),
    re.compile(r"createElement\(\s*['\"`]a['\"`]"),
    re.compile(r"setAttribute\(\s*['\"`]href"),
    re.compile(r"href['\"`]?\s*[:,]"),
)
_SETS_HREF = re.compile(r"\.href\s*=(?!=)")  # and not that of `location`
_WRITES = (
    *(
        "document.write",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "createElement",
        "fetch(",
        "XMLHttpRequest",
        "import",
    ),
    *("location", ".get(", ".ajax(", ".getJSON(", ".load(", ".html(", ".append", ".prepend("),
)
_VARIES = re.compile(r"\b[0-9a-f]{8,}\b|[\d\s]+")  # numbers, and hashes in the names of files
_MADE_BY = (  # what a script's address or its text has in it, where no generator is named
    ("/wp-content/", "wordpress"),
    ("/wp-includes/", "wordpress"),
    ("/_next/", "next"),
    ("/_nuxt/", "nuxt"),
    ("/_astro/", "astro"),
    ("/_app/immutable/", "sveltekit"),
    ("___gatsby", "gatsby"),
)
_APPLICATIONS = frozenset(
    {name for _, name in _MADE_BY} - {"wordpress"} | {"docusaurus"}
)  # that run in browsers as well
_LOOKED_AT = 2_000  # characters, in which a script that counts visitors has said so
_MARKED = 120  # characters by which a script in a page is known


class Scripts(NamedTuple):
    """Of a page, those that could write links. links: that stand in the page and have links in them; others: that stand
    in it and write something; files: addresses, as the page has them. maker: the generator's name, without its version.
    """

    links: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    maker: str = ""

    @property
    def are_an_application(self) -> bool:
        """That writes in the browser what a server has written before, and perhaps more."""
        return self.maker in _APPLICATIONS


NO_SCRIPTS = Scripts()


def scripts_of(tree: LexborHTMLParser) -> Scripts:
    links, others, files = [], [], []
    for script in tree.css("script"):
        attributes = script.attributes
        if (attributes.get("type") or "").strip().lower() in _DATA:
            continue
        if source := (attributes.get("src") or "").strip():
            if not _LIBRARY.fullmatch(source.partition("?")[0].rpartition("/")[2].lower()):
                files.append(source)
        elif (text := script.text()) and not _counts_visitors(text[:_LOOKED_AT]):
            if _writes_links(text):
                links.append(_mark(text))
            elif any(part in text for part in _WRITES):
                others.append(_mark(text))
    found = (tuple(links), tuple(others), tuple(files))
    return Scripts(*found, _maker(tree, files, others) if any(found) else "")


def _counts_visitors(script: str) -> bool:
    return any(mark in script for mark in _COUNT_VISITORS)


def _writes_links(script: str) -> bool:
    if any(pattern.search(script) for pattern in _WRITES_LINKS):
        return True
    return any(not script.endswith("location", 0, found.start()) for found in _SETS_HREF.finditer(script))


def runs(script: LexborNode) -> bool:
    attributes = script.attrs
    kind = (attributes.get("type") or "").strip().lower()
    return kind not in _DATA and (attributes.get("src") is not None or bool(script.text().strip()))


def file_mark(address: str, page: str) -> str:
    """What is left of a file's address from one build to the next, and from one site to another that is made alike."""
    url = urlsplit(address)
    return _VARIES.sub("", url.path if url.netloc == urlsplit(page).netloc else url.netloc + url.path)


def _mark(text: str) -> str:
    return _VARIES.sub("", text[: 2 * _MARKED])[:_MARKED]


def _maker(tree: LexborHTMLParser, files: list[str], others: list[str]) -> str:
    for meta in tree.css('meta[name="generator" i]'):
        if words := (meta.attributes.get("content") or "").split():
            return words[0].lower()
    return next((maker for part in (*files, *others) for mark, maker in _MADE_BY if mark in part), "")

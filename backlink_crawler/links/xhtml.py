"""XHTML: a page that is XML, into the tree of one that is HTML, so that both are read by the same code.

Nothing is loaded and no entity is expanded: the document type is left out, and what the names of HTML's entities mean is
put in before. A page that is not well-formed is read as HTML (docs/decisions/0016-xhtml.md).
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborNode

_XHTML, _SVG = "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SVG_LINK, _XLINK_HREF = f"{{{_SVG}}}a", "{http://www.w3.org/1999/xlink}href"
_OTHER = "other"  # an element that says nothing to a reader of HTML
_BETWEEN = r"(?:\s|<\?.*?\?>|<!--.*?-->)*+"
_PROLOG = re.compile(
    rf"\ufeff?{_BETWEEN}(?P<doctype><!DOCTYPE[^\[>]*+(?:\[.*?\]\s*+)?>)?{_BETWEEN}<(?:[\w.-]+:)?(?P<root>[^\s/>:]+)"
    r"(?P<attributes>[^>]*+)",
    re.DOTALL,
)
_EMPTY_ELEMENT = re.compile(r"<(?P<name>[A-Za-z][^\s/>]*+)(?P<attributes>(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*?)/>")
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(#[0-9]+;|#x[0-9A-Fa-f]+;)|([A-Za-z][A-Za-z0-9]*;))?", re.DOTALL
)


def has_html_root(text: str) -> bool | None:
    """Is the root an html element of XHTML? None: it is not yet to be seen."""
    prolog = _PROLOG.match(text)
    if prolog is None or prolog.end() == len(text):
        return None
    return prolog["root"] == "html" and _XHTML in prolog["attributes"]


def parse_xhtml(text: str) -> LexborHTMLParser | None:
    """Its tree; None: it is not well-formed."""
    target = _Target()
    parser = etree.XMLParser(
        target=target,  # type: ignore[arg-type]  # the stubs ask for more than the parser does
        encoding="utf-8",
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    try:
        parser.feed(_without_entities(text).encode("utf-8", "replace"))
        parser.close()
    except etree.XMLSyntaxError:
        return None
    return target.tree


def with_end_tags(text: str) -> str:
    """What is to be read as HTML after all: `<p/>` is an element that has ended."""
    return _EMPTY_ELEMENT.sub(r"<\g<name>\g<attributes>></\g<name>>", text)


def _without_entities(text: str) -> str:
    if (prolog := _PROLOG.match(text)) and prolog["doctype"]:
        text = text[: prolog.start("doctype")] + text[prolog.end("doctype") :]
    return _REFERENCE.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    numeric, name = match.groups()
    if numeric or match[0].startswith("<"):
        return match[0]
    characters = html5.get(name) if name else None
    return "".join(f"&#{ord(each)};" for each in characters) if characters else f"&#38;{name or ''}"


class _Target:
    """What the parser reports to."""

    def __init__(self) -> None:
        self.tree = LexborHTMLParser("<html>")
        self._open: list[LexborNode] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._add_text()
        if self._open:
            node = self.tree.create_node(_name(tag))
        else:
            assert self.tree.root
            node = self.tree.root
            for each in list(node.iter()):
                each.remove()
        plain = {name: value for name, value in attributes.items() if "{" not in name}
        if _LANGUAGE in attributes:
            plain.setdefault("lang", attributes[_LANGUAGE])
        if tag == _SVG_LINK and _XLINK_HREF in attributes:
            plain.setdefault("href", attributes[_XLINK_HREF])
        for name, value in plain.items():
            node.attrs[name] = value
        if self._open:
            self._open[-1].insert_child(node, move=True)
        self._open.append(node)

    def data(self, data: str) -> None:
        self._text.append(data)

    def end(self, _tag: str) -> None:
        self._add_text()
        self._open.pop()

    def close(self) -> None:
        """Asked for by the parser."""

    def _add_text(self) -> None:
        if self._open and self._text:
            self._open[-1].insert_child("".join(self._text))
        self._text.clear()


def _name(tag: str) -> str:
    namespace, _, name = tag.rpartition("}")
    return name if namespace[1:] in {_XHTML, _SVG} and name.isascii() and name.islower() else _OTHER

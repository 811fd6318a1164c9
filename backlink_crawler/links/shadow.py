"""Declarative shadow roots: what a `<template shadowrootmode>` holds is shown in its place (HTML Standard, 13.2.6.4.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Elements that may have a shadow root (DOM Standard, 4.9 "valid shadow host name").
_HOSTS = frozenset(
    "article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span".split(),
)
_CUSTOM_ELEMENT = re.compile(r"[a-z][^A-Z]*-[^A-Z]*")
_NO_CUSTOM_ELEMENT = frozenset(
    "annotation-xml color-profile font-face font-face-src font-face-uri font-face-format font-face-name "
    "missing-glyph".split(),
)
_OF_DOCUMENT = "base, meta, title, link"  # which say nothing within a shadow root


def attach_shadow_roots(root: LexborNode) -> bool:
    """Put what each shadow root of a parsed page holds before the children of its host, as serialise.js does.

    Is any of them closed? What that holds is shown, but serialise.js cannot see it.
    """
    has_closed = False
    with_root: set[int] = set()
    waiting = root.template_fragments()[::-1]
    while waiting:
        fragment = waiting.pop()
        template = fragment.parent
        host = template.parent if template else None
        if template is None or host is None or host.mem_id in with_root or not _is_shadow(template, host):
            continue
        with_root.add(host.mem_id)
        has_closed |= _mode(template) == "closed"
        for node in fragment.css(_OF_DOCUMENT):
            node.remove()
        waiting += fragment.template_fragments()[::-1]
        first = host.first_child
        while first and (child := fragment.first_child):
            first.insert_before(child, move=True)
        template.remove()
    return has_closed


def _mode(template: LexborNode) -> str:
    return (template.attrs.get("shadowrootmode") or "").lower()


def _is_shadow(template: LexborNode, host: LexborNode) -> bool:
    name = host.tag or ""
    is_custom = bool(_CUSTOM_ELEMENT.fullmatch(name)) and name not in _NO_CUSTOM_ELEMENT
    return _mode(template) in {"open", "closed"} and (name in _HOSTS or is_custom)

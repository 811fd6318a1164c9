"""What response headers say of a page: media type, canonical."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\",;\s]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\",;\s]*))", re.IGNORECASE)


def is_html(content_type: str | None) -> bool:
    """Would a browser show it as an HTML page? A missing type counts as HTML, as sniffing mostly finds it to be."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return not media_type or media_type in HTML_TYPES


def canonical_link(link_headers: Iterable[str]) -> str | None:
    """The href of the first `Link: <…>; rel="canonical"` (RFC 8288, RFC 6596), unresolved."""
    for header in link_headers:
        for href, parameters in _LINK.findall(header):
            rel = _REL.search(parameters)
            if rel and "canonical" in (rel[1] or rel[2] or "").lower().split():
                return str(href).strip()
    return None

"""What response headers say of a page: canonical, where a redirect leads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlink_crawler.model import Refusal
from backlink_crawler.urls.normalise import drop_credentials, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\",;\s]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\",;\s]*))", re.IGNORECASE)


def redirect_url(location: bytes, url: str) -> str | Refusal:
    """Where a `Location` leads from `url`. Its bytes are percent-encoded as they are, of whichever encoding; credentials
    are dropped: they are not ours to send.
    """
    href = "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in location)
    target = resolve(href, url)
    return target if isinstance(target, Refusal) else drop_credentials(target)


def canonical_link(link_headers: Iterable[str]) -> str | None:
    """The href of the first `Link: <…>; rel="canonical"` (RFC 8288, RFC 6596), unresolved."""
    for header in link_headers:
        for href, parameters in _LINK.findall(header):
            rel = _REL.search(parameters)
            if rel and "canonical" in (rel[1] or rel[2] or "").lower().split():
                return str(href).strip()
    return None

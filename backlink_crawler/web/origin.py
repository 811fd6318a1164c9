"""Is it a form of ours that asks for a change? Whatever page a reader has open elsewhere must change nothing (CSRF).

A form has a token that only a page of ours shows, bound to the name by which the explorer was asked and to this process.
And browsers say from where a request comes: in Origin, which every POST of theirs has, and in Sec-Fetch-Site, which they
send where the connection is trusted.
"""

from __future__ import annotations

import hmac
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.datastructures import Headers

# The Host header of the request that is being answered.
asked_host: ContextVar[str] = ContextVar("asked_host", default="")


@dataclass(frozen=True, slots=True)
class Tokens:
    """secret: of this process."""

    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def of(self, host: str) -> str:
        return hmac.digest(self._secret, host.lower().encode(), "sha256").hex()

    def fits(self, token: str, host: str) -> bool:
        return hmac.compare_digest(token.encode(), self.of(host).encode())


def foreign(headers: Headers) -> str | None:
    """Why a request that would change something does not come from a page of ours; None: it may."""
    origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
    if len(origins) != 1:
        return "it does not say from which page it comes (Origin)"
    if _host_of(origins[0]) != headers.get("host", "").lower():
        return f"it comes from {origins[0]!r}, and not from a page of this explorer"
    if sites and sites != ["same-origin"]:
        return f"it comes from another site (Sec-Fetch-Site: {sites[0]!r})"
    return None


def _host_of(origin: str) -> str | None:
    """With its port, as a Host header has it. A proxy may speak TLS where we do not: the scheme may be either."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    is_origin = parts.scheme in {"http", "https"} and not (
        parts.path or parts.query or parts.fragment or "@" in parts.netloc
    )
    return parts.netloc.lower() if is_origin and parts.netloc else None

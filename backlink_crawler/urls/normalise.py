"""From an href to the identity of a page.

`resolve` does what a browser does (WHATWG URL Standard, by Ada). `Normaliser` goes on from there with a named list
of steps. Order of parameters, trailing slash, `www.` and scheme are left alone: they differ until a redirect or a
canonical says otherwise.
"""

from __future__ import annotations

import hashlib
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

import ada_url

from backlink_crawler.model import Refusal, Url
from backlink_crawler.urls import web_codecs
from backlink_crawler.urls.domains import domain_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_URL_LENGTH = 2048
LONGEST_WORTH_A_LOOK = 4 * MAX_URL_LENGTH  # without its fragment; tracking parameters may be most of a URL
UNICODE_ENCODINGS = frozenset({"utf-8", "utf-16-le", "utf-16-be"})
_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.\-\t\n\r]*):")
_SCHEME_REFUSALS = {
    "mailto": Refusal.SCHEME_MAILTO,
    "tel": Refusal.SCHEME_TEL,
    "javascript": Refusal.SCHEME_JAVASCRIPT,
    "data": Refusal.SCHEME_DATA,
}
# What the URL Standard leaves raw in a path or query and RFC 3986 (section 3.3, 3.4) does not allow there.
_DISALLOWED = re.compile(r'[|^"<>`{}\\\[\]\x7f]')
# And a `%` that begins none, with the escapes of hexadecimal digits that would make it one when they are decoded.
_ESCAPED_DIGIT = "%(?:3[0-9]|[46][1-6])"
_ESCAPE = re.compile(rf"%(?:([0-9A-Fa-f]{{2}})|[0-9A-Fa-f]{_ESCAPED_DIGIT}|(?:{_ESCAPED_DIGIT}){{1,2}})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986, 2.3
_ESCAPES = {
    f"{high}{low}": chr(byte) if (byte := int(high + low, 16)) in _UNRESERVED else f"%{byte:02X}"
    for high in "0123456789abcdefABCDEF"
    for low in "0123456789abcdefABCDEF"
}


def resolve(href: str, base: str, encoding: str = "utf-8") -> str | Refusal:
    """The absolute URL that a browser goes to, or why there is none.

    base: an absolute URL. encoding: the Python name of the page's encoding; a query is percent-encoded in it
    (URL Standard, 4.4 "query state").
    """
    if encoding not in UNICODE_ENCODINGS and not href.isascii():
        href = _encode_query(href, encoding)
    try:
        url: str = ada_url.join_url(base, href)
    except ValueError:  # UnicodeEncodeError, for lone surrogates, is one too
        return _scheme_refusal(href) or Refusal.INVALID_URL
    if url.startswith(("https://", "http://")):
        return url
    return _scheme_refusal(url) or Refusal.SCHEME_OTHER


def _scheme_refusal(url: str) -> Refusal | None:
    match = _SCHEME.match(url)
    return _SCHEME_REFUSALS.get(match[1].lower()) if match else None


def _encode_query(href: str, encoding: str) -> str:
    head, mark, tail = href.partition("?")
    if not mark or "#" in head:
        return href
    query, mark_of_fragment, fragment = tail.partition("#")
    return head + mark + web_codecs.encode_query(query, encoding) + mark_of_fragment + fragment


def drop_fragment(url: str) -> str:
    return url.partition("#")[0]


def drop_credentials(url: str) -> str:
    scheme, _, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}//{authority.rpartition('@')[2]}{slash}{path}"


def drop_empty_query(url: str) -> str:
    head, _, query = url.partition("?")
    return url if query else head


def encode_disallowed(url: str) -> str:
    """Percent-encode what RFC 3986 does not allow raw. The host, which may hold `[…]`, is left alone."""
    scheme, _, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    return f"{scheme}//{authority}{slash}{_DISALLOWED.sub(lambda match: f'%{ord(match[0]):02X}', path)}"


def normalise_escapes(url: str) -> str:
    """Uppercase percent-escapes and decode the unreserved ones (RFC 3986, 6.2.2.1 and 6.2.2.2), once.

    No new escape comes of it (`%%32%65` would become `%2e`), so that doing it again changes nothing.
    """
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]] if match[1] else match[0], url)


class Normaliser:
    """`steps` is what it does, in order. Results are cached: a site's links repeat from page to page."""

    def __init__(self, tracking_parameters: Iterable[str], cache_size: int = 50_000) -> None:
        self._patterns = tuple(pattern.lower() for pattern in tracking_parameters)
        self.steps: tuple[Callable[[str], str], ...] = (
            drop_fragment,
            drop_credentials,
            encode_disallowed,
            normalise_escapes,
            self.drop_tracking_parameters,  # after the escapes: `%75tm_source` is one too
            drop_empty_query,
        )
        self._is_tracking = lru_cache(4096)(self._matches_tracking)
        self._normalised = lru_cache(cache_size)(self._normalise)

    def __call__(self, url: str) -> Url | Refusal:
        """Takes what `resolve` returned."""
        url = url.partition("#")[0]
        if len(url) > LONGEST_WORTH_A_LOOK:
            return Refusal.URL_TOO_LONG  # no step shortens it enough, and the steps take time
        return self._normalised(url)

    def _normalise(self, url: str) -> Url | Refusal:
        for step in self.steps:
            url = step(url)
        if len(url) > MAX_URL_LENGTH:
            return Refusal.URL_TOO_LONG
        host = host_of(url)
        return Url(url, host, domain_of(host), url_hash(url))

    def drop_tracking_parameters(self, url: str) -> str:
        """Empty parameters (`a=1&&b=2`) go with them."""
        head, mark, query = url.partition("?")
        if not mark:
            return url
        kept = [
            parameter
            for parameter in query.split("&")
            if parameter and not self._is_tracking(parameter.partition("=")[0])
        ]
        return f"{head}?{'&'.join(kept)}"

    def _matches_tracking(self, name: str) -> bool:
        return any(fnmatchcase(name.lower(), pattern) for pattern in self._patterns)


def host_of(url: str) -> str:
    """The host of a normalised URL, with its port when it has one.

    Without the dot that may end its name: with it the name means the same to the DNS (RFC 1034, 3.1), and is the same
    host to robots.txt, delays and opt-outs. URLs keep it: to a browser they are of different origins.
    """
    host = url.split("/", 3)[2]
    if not host.endswith(".") and ".:" not in host:
        return host
    name, colon, port = host.partition(":")
    return f"{name.removesuffix('.') or name}{colon}{port}"


def host_name(host: str) -> str:
    """A host without its port."""
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() and not name.endswith(":") else host


def url_hash(url: str) -> str:
    """A URL's 128-bit identity, as the database's `url_hash(text)` computes it: hexadecimal, 32 digits."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]

"""From what the user typed to a Target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.model import Refusal, Target, TargetMode
from backlink_crawler.urls.normalise import host_name, resolve

if TYPE_CHECKING:
    from backlink_crawler.urls.normalise import Normaliser

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(//|[^/]*@)", re.IGNORECASE)


def parse_target(text: str, mode: TargetMode | None, normalise: Normaliser) -> Target:
    """A domain, a host, a URL, or a URL prefix (`…/blog/*`, or a path without a scheme). Raises InvalidInput.

    mode: guessed from the form when None.
    """
    text = text.strip()
    has_scheme = bool(_SCHEME.match(text))
    starred = text.endswith("*")
    address = text.removesuffix("*")
    url = resolve(address if has_scheme else f"https://{address}", "https://example.invalid/")
    normal = url if isinstance(url, Refusal) else normalise(url)
    has_blank = any(character.isspace() for character in address)
    if isinstance(normal, Refusal) or not address or has_blank or _OTHER_SCHEME.match(address):
        raise InvalidInput(
            f"{text!r} is not a domain, host or URL; write example.com, blog.example.com or https://example.com/page."
        )
    has_path = normal.text.count("/") > 3 or not normal.text.endswith("/") or address.endswith("/")
    if mode is None:
        mode = _guess(host_name(normal.host), normal.domain, has_scheme=has_scheme, has_path=has_path, starred=starred)
    match mode:
        case TargetMode.DOMAIN:
            return Target(mode, normal.domain, (normal.domain,))
        case TargetMode.SUBDOMAINS:
            return Target(mode, normal.domain, (normal.host,))
        case TargetMode.PREFIX if not has_scheme:
            rest = normal.text.removeprefix("https:")
            return Target(mode, normal.domain, (f"https:{rest}", f"http:{rest}"))
        case _:
            return Target(mode, normal.domain, (normal.text,))


def _guess(host: str, domain: str, *, has_scheme: bool, has_path: bool, starred: bool) -> TargetMode:
    if starred:
        return TargetMode.PREFIX
    if has_scheme:
        return TargetMode.EXACT
    if has_path:
        return TargetMode.PREFIX
    return TargetMode.DOMAIN if host == domain else TargetMode.SUBDOMAINS

"""From what the user typed to a Target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backlink_crawler.errors import InvalidInput
from backlink_crawler.links.text import storable
from backlink_crawler.model import Refusal, Target, TargetMode
from backlink_crawler.urls.normalise import host_name, host_of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlink_crawler.model import Url
    from backlink_crawler.urls.normalise import Normaliser

# As people write them: http://, http//, http:/, https:, and what is pasted after one.
_SCHEME = re.compile(r"(https?)(?::/*|;?//+)", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(//|[^/]*@)", re.IGNORECASE)
_LONGEST_WORDS = 100  # characters of a name or a keyword
_QUOTES = "<>\"'“”‘’"


def parse_target(text: str, mode: TargetMode | None, normalise: Normaliser) -> Target:
    """A domain, a host, a URL, or a URL prefix (`…/blog/*`, or a path without a scheme). Raises InvalidInput.

    mode: guessed from the form when None.
    """
    scheme, address = _split(text.strip().strip(_QUOTES))
    starred = address.endswith("*")
    address = address.removesuffix("*")
    url = resolve(f"{scheme or 'https'}://{address}", "https://example.invalid/")
    normal = url if isinstance(url, Refusal) else normalise(url)
    has_blank = any(character.isspace() for character in address)
    if isinstance(normal, Refusal) or not address or has_blank or _OTHER_SCHEME.match(address):
        raise InvalidInput(
            f"{text!r} is not a domain, host or URL; write example.com, blog.example.com or https://example.com/page."
        )
    has_path = bool(normal.text.split("/", 3)[3].strip("/"))
    if mode is None:
        mode = _guess(
            host_name(normal.host), normal.domain, has_scheme=bool(scheme), has_path=has_path, starred=starred
        )
    match mode:
        case TargetMode.DOMAIN:
            return Target(mode, normal.domain, (normal.domain,))
        case TargetMode.SUBDOMAINS:
            return Target(mode, normal.domain, (normal.host,))
        case TargetMode.PREFIX if not scheme:
            rest = normal.text.removeprefix("https:")
            return Target(mode, normal.domain, (f"https:{rest}", f"http:{rest}"))
        case _:
            return Target(mode, normal.domain, (normal.text,))


def parse_domain(text: str, what: str, normalise: Normaliser) -> Target:
    """As `parse_target`. what: says of what is asked that it is of whole domains. Raises InvalidInput for a part of one."""
    target = parse_target(text, None, normalise)
    if target.mode is not TargetMode.DOMAIN:
        raise InvalidInput(f"{what}: write {target.domain} instead of {text}.")
    return target


def start_of(target: Target, normalise: Normaliser) -> Url:
    """A URL that stands for it."""
    is_name = target.mode in {TargetMode.DOMAIN, TargetMode.SUBDOMAINS}
    start = normalise(f"https://{target.values[0]}/" if is_name else target.values[0])
    assert not isinstance(start, Refusal)  # it was parsed
    return start


def parse_words(option: str, given: Iterable[str]) -> list[str]:
    """What a target is called, or is to be found by: as typed, white space collapsed. Raises InvalidInput."""
    said = [storable(" ".join(words.split())) for words in given]
    for words in said:
        if not any(character.isalnum() for character in words) or len(words) > _LONGEST_WORDS:
            raise InvalidInput(
                f"{option} {words[:50]!r}: give a word or a few, of {_LONGEST_WORDS} characters at most."
            )
    return said


def lies_in(page: Target, target: Target) -> bool:
    """Whether the one URL of the page is among those that the target means."""
    (url,) = page.values
    match target.mode:
        case TargetMode.DOMAIN:
            return page.domain == target.domain
        case TargetMode.SUBDOMAINS:
            return f".{host_of(url)}".endswith(f".{target.values[0]}")
        case TargetMode.PREFIX:
            return url.startswith(target.values)
        case TargetMode.EXACT:
            return url in target.values


def twins(target: Target) -> list[Target]:
    """What may be meant when nobody links to a URL as it was typed.

    It is with or without the slash at its end, by the other scheme, or without the dot that may end its host.
    """
    if target.mode not in {TargetMode.EXACT, TargetMode.PREFIX}:
        return []
    spelt = [target.values]
    if target.mode is TargetMode.EXACT:
        spelt += [tuple(map(_other_end, target.values))]
    if len(target.values) == 1:
        spelt += [tuple(map(_other_scheme, values)) for values in spelt]
    spelt += [tuple(map(_without_dot, values)) for values in spelt]
    return [Target(target.mode, target.domain, values) for values in dict.fromkeys(spelt) if values != target.values]


def _split(text: str) -> tuple[str, str]:
    """(scheme, or nothing; the rest)"""
    scheme = ""
    while found := _SCHEME.match(text):
        scheme, text = found[1].lower(), text[found.end() :]
    if not scheme and "/" not in text:
        text = text.rstrip(",;")
    return scheme, text.removeprefix("*.")


def _other_end(url: str) -> str:
    if "?" in url or not url.split("/", 3)[3]:
        return url
    return url.removesuffix("/") if url.endswith("/") else f"{url}/"


def _other_scheme(url: str) -> str:
    return f"http:{url[6:]}" if url.startswith("https:") else f"https:{url[5:]}"


def _without_dot(url: str) -> str:
    scheme, _, host, path = url.split("/", 3)
    return f"{scheme}//{host_of(url)}/{path}" if host != host_of(url) else url


def _guess(host: str, domain: str, *, has_scheme: bool, has_path: bool, starred: bool) -> TargetMode:
    if starred:
        return TargetMode.PREFIX
    if has_scheme:
        return TargetMode.EXACT
    if has_path:
        return TargetMode.PREFIX
    return TargetMode.DOMAIN if host == domain else TargetMode.SUBDOMAINS

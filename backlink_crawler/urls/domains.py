"""From a host to its registrable domain, by the Public Suffix List that the package publicsuffixlist carries.

That package is released with each new list; tldextract applies it. Neither asks the network.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests
    import tldextract

_LIST = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat")
_VERSION = "// VERSION: "
_PORT = re.compile(r":\d+$")


@cache
def _suffixes() -> tldextract.TLDExtract:
    with resources.as_file(_LIST) as path:
        return suffixes_of(path.as_uri())


def suffixes_of(address: str) -> tldextract.TLDExtract:
    """The rules of a list, private section included: foo.github.io is a domain. address: a file's URL.

    Raises tldextract's SuffixListNotFound: the old list that it carries itself never stands in.
    """
    # They take 0.1 s to import, and not every command asks for a domain.
    import requests  # noqa: PLC0415
    import tldextract  # noqa: PLC0415
    from requests_file import FileAdapter  # noqa: PLC0415

    made = tldextract.TLDExtract(
        suffix_list_urls=(address,), cache_dir=None, fallback_to_snapshot=False, include_psl_private_domains=True
    )
    with requests.Session() as session:
        session.mount("file://", FileAdapter())
        session.hooks["response"].append(_is_utf8)  # it would be guessed, which takes 50 ms and may go wrong
        made.update(fetch_now=True, session=session)
    return made


def _is_utf8(response: requests.Response, **_: Any) -> None:
    response.encoding = "utf-8"


@lru_cache(100_000)
def domain_of(host: str) -> str:
    """The registrable domain of a WHATWG-serialised host; a port is ignored.

    An IP address is its own domain, and so is a public suffix itself. A top-level domain that the list lacks counts
    by the list's default rule `*`.
    """
    name = _PORT.sub("", host)
    if name.startswith("[") or name.replace(".", "").isdigit():
        return name
    name = name.removesuffix(".") or name
    found = _suffixes().extract_str(name)
    return found.top_domain_under_public_suffix or _under_default_rule(name, found.suffix)


@lru_cache(100_000)
def private_suffix_of(host: str) -> str | None:
    """The public suffix of a host if it is of the list's private section, `blogspot.com`: its domains are strangers."""
    name = _PORT.sub("", host).removesuffix(".")
    found = _suffixes().extract_str(name) if not name.startswith("[") else None
    return found.suffix if found and found.is_private else None


@lru_cache(100_000)
def public_suffix_of(host: str) -> str | None:
    """The public suffix of a host that has no port, `co.uk`; None: the list knows none, or it is an address."""
    found = _suffixes().extract_str(host.removesuffix(".")) if not host.startswith("[") else None
    return (found.suffix or None) if found else None


def _under_default_rule(name: str, suffix: str) -> str:
    if suffix or "." not in name:
        return name
    return ".".join(name.split(".")[-2:])


@cache
def suffix_list_version() -> str:
    """As the list says, `2026-10-22_08-36-41_UTC`: it begins with the date."""
    with _LIST.open(encoding="utf-8") as lines:
        return next(line.removeprefix(_VERSION).strip() for line in lines if line.startswith(_VERSION))

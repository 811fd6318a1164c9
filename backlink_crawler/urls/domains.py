"""From a host to its registrable domain, by the Public Suffix List that tldextract bundles."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import tldextract

# Bundled snapshot only: no request, no cache folder. Private section included: foo.github.io is a domain.
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
_PORT = re.compile(r":\d+$")


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
    found = _suffixes.extract_str(name)
    return found.top_domain_under_public_suffix or _under_default_rule(name, found.suffix)


def _under_default_rule(name: str, suffix: str) -> str:
    if suffix or "." not in name:
        return name
    return ".".join(name.split(".")[-2:])


def suffix_list_date() -> str:
    """The date of the bundled list, YYYY-MM-DD."""
    snapshot = resources.files("tldextract").joinpath(".tld_set_snapshot")
    with snapshot.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("// VERSION: "):
                return line.removeprefix("// VERSION: ")[:10]
    return "unknown"

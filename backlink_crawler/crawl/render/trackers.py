"""Domains whose scripts count visitors and show advertisements. A page's links do not depend on them."""

from __future__ import annotations

import tomllib
from importlib import resources

from backlink_crawler.urls.domains import domain_of
from backlink_crawler.urls.normalise import host_of

_LISTED = tomllib.loads(resources.files(__package__).joinpath("trackers.toml").read_text("utf-8"))
_DOMAINS, _HOSTS = frozenset(_LISTED["domains"]), frozenset(_LISTED["hosts"])


def is_tracker(url: str) -> bool:
    host = host_of(url)
    return host in _HOSTS or domain_of(host) in _DOMAINS

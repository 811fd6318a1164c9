"""Does a seed want this URL? The answer is None, or the reason why not."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from backlink_crawler.model import Refusal, Scope

if TYPE_CHECKING:
    from backlink_crawler.model import Seed, Url

# A path segment that comes more often than this is a trap: /a/b/a/b/a/b/…
MAX_SEGMENT_REPEATS = 3
_ENDINGS = tomllib.loads(resources.files(__package__).joinpath("endings.toml").read_text("utf-8"))
HTML_ENDINGS = frozenset(_ENDINGS["html"])
NOT_HTML_ENDINGS = frozenset(ending for listed in _ENDINGS["not_html"].values() for ending in listed)
_ENDING = re.compile(r"\.((?=[0-9]*[a-z])[0-9a-z]{1,10})", re.IGNORECASE)  # of digits alone it is a version
_COLONS = (":", "%3A")


def refusal(url: Url, seed: Seed, depth: int) -> Refusal | None:
    """Why the seed does not want `url` found at `depth` clicks from its start, or None.

    `www.example.com` and `example.com` are one site to a seed: which of them answers is often a redirect's business.
    """
    match seed.scope:
        case Scope.HOST if url.host.removeprefix("www.") != seed.url.host.removeprefix("www."):
            return Refusal.OTHER_HOST
        case Scope.DOMAIN if url.domain != seed.url.domain:
            return Refusal.OTHER_DOMAIN
        case Scope.PREFIX if not url.text.startswith(seed.url.text):
            return Refusal.OUTSIDE_PREFIX
    if seed.max_depth is not None and depth > seed.max_depth:
        return Refusal.TOO_DEEP
    return path_refusal(url)


def path_refusal(url: Url) -> Refusal | None:
    """Why no seed wants `url`, whatever its scope, or None."""
    return _path_refusal(url.text)


@lru_cache(10_000)  # pages of a site lead to the same pages again and again
def _path_refusal(url: str) -> Refusal | None:
    path = _path(url)
    name = path.rpartition("/")[2]
    # In a wiki `File:Photo.jpg` is the page about the photo; few file systems allow a colon.
    if _ending(name) in NOT_HTML_ENDINGS and not any(colon in name for colon in _COLONS):
        return Refusal.NOT_HTML
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MAX_SEGMENT_REPEATS and max(Counter(segments).values()) > MAX_SEGMENT_REPEATS:
        return Refusal.REPEATED_SEGMENTS
    return None


@lru_cache(10_000)
def doubtful_ending(url: str) -> str | None:
    """The ending of a URL that may be a page, `/wiki/Node.js`, or a file, `/dist/node.js`; in lower case. Else None."""
    ending = _ending(_path(url).rpartition("/")[2])
    return None if ending in HTML_ENDINGS else ending


def _path(url: str) -> str:
    return url.split("/", 3)[3].partition("?")[0]


def _ending(name: str) -> str | None:
    match = _ENDING.fullmatch(name, max(name.rfind("."), 0))
    return match[1].lower() if match else None

"""Where a `Refresh` header or a meta refresh leads (HTML Standard, 4.2.5.3 "shared declarative refresh steps")."""

from __future__ import annotations

import re
from typing import NamedTuple

_SPACE = r"[\t\n\f\r ]*+"
_AFTER_TIME = re.compile(
    rf"{_SPACE}(?=\.?[0-9])(?P<seconds>[0-9]*+)[0-9.]*+"
    rf"(?:(?=[;,\t\n\f\r ]){_SPACE}[;,]?{_SPACE}(?P<rest>.*+))?\Z",
    re.DOTALL,
)
_URL = re.compile(
    rf"(?:url{_SPACE}={_SPACE})?(?:\"(?P<double>[^\"]*)|'(?P<single>[^']*)|(?P<plain>.*+))", re.IGNORECASE | re.DOTALL
)
LONGEST = 10**9  # seconds


class Refresh(NamedTuple):
    """href: of what comes instead of the page, unresolved; empty: itself."""

    seconds: int
    href: str


def parse_refresh(content: str) -> Refresh | None:
    """None: it is none."""
    match = _AFTER_TIME.match(content)
    if match is None:
        return None
    url = _URL.match(match["rest"] or "")
    assert url
    return Refresh(min(int(match["seconds"][:10] or 0), LONGEST), next(filter(None, url.groups()), ""))

"""Is this answer a bot wall's challenge instead of the page? Such an answer says nothing about the page's links.

A wall is known by what only its challenges and refusals hold. What it adds to every answer, as `server: cloudflare` or
`x-datadome`, is no marker. The walls are in challenges.toml, with who says so.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOKED_AT = 8 * 1024  # bytes of a body: challenge pages are short, or say what they are at their beginning
DENIALS = frozenset({403, 503})  # here one marker in the body is enough
_MAYBE = frozenset({200, 202, 405, 429})  # here a page may speak of walls: all that is `unmistakable` must be there


class Wall(NamedTuple):
    """headers: name and what its value begins with; one is enough. body: one is enough. unmistakable: all together.

    In lower case.
    """

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[bytes, ...] = ()
    unmistakable: tuple[bytes, ...] = ()


def _walls() -> Iterator[Wall]:
    listed = tomllib.loads(resources.files(__package__).joinpath("challenges.toml").read_text("utf-8"))
    for wall in listed["walls"]:
        headers = tuple((name, value) for name, value in wall.get("headers", ()))
        body, unmistakable = (
            tuple(text.encode() for text in wall.get(markers, ())) for markers in ("body", "unmistakable")
        )
        yield Wall(wall["name"], headers, body, unmistakable)


WALLS = tuple(_walls())
HEADERS = frozenset(header for wall in WALLS for header, _ in wall.headers)
_MARKERS = tuple((marker, wall.name) for wall in WALLS for marker in wall.body)
# Of most pages the first is not there, and no more is asked of them.
_FIRST = tuple((wall.unmistakable[0], wall) for wall in WALLS if wall.unmistakable)


def challenge(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """The name of the bot wall that answers, or None. headers: names in lower case. body: its first LOOKED_AT bytes."""
    if status not in DENIALS and status not in _MAYBE:
        return None
    if any(map(headers.get, HEADERS)):
        for wall in WALLS:
            if any((said := headers.get(header)) and said.lower().startswith(value) for header, value in wall.headers):
                return wall.name
    text = body[:LOOKED_AT].lower()
    if status in DENIALS:
        return next((name for marker, name in _MARKERS if marker in text), None)
    for first, wall in _FIRST:
        if first in text and all(marker in text for marker in wall.unmistakable):
            return wall.name
    return None

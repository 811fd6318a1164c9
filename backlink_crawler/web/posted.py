"""What a form sent: read to a limit, taken apart by hand, and refused where no form of ours would have sent it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from fastapi import Request  # noqa: TC002  FastAPI reads it
from starlette.exceptions import HTTPException

from backlink_crawler.errors import InvalidInput
from backlink_crawler.web.origin import foreign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backlink_crawler.web.index import Index

MOST_BYTES = 1_048_576
MOST_LINES = 5_000
_MOST_FIELDS = 20
_LONGEST = 2_100  # characters of a field that is no list
_URLENCODED = "application/x-www-form-urlencoded"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_CONTROL_OF_LISTS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LIST = "list"  # the one field of several lines


@dataclass(frozen=True, slots=True)
class Posted:
    """fields: by name; white space around a value is taken off."""

    fields: dict[str, str]

    def text(self, name: str) -> str | None:
        """None: nobody filled it in."""
        return self.fields.get(name) or None

    def needed(self, name: str) -> str:
        """Raises InvalidInput."""
        if (text := self.text(name)) is None:
            raise InvalidInput(f"fill in {name}.")
        return text

    def number(self, name: str, least: int, most: int = 999_999_999) -> int | None:
        """Raises InvalidInput."""
        if (text := self.text(name)) is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise InvalidInput(f"{name.replace('_', ' ')}: write a whole number from {least:,} to {most:,}.")
        return int(text)

    def one_of(self, name: str, words: list[str]) -> str | None:
        """Raises InvalidInput."""
        if (text := self.text(name)) is not None and text not in words:
            raise InvalidInput(f"{name}: choose one of {', '.join(words)}.")
        return text

    def lines(self) -> list[str]:
        """Of the list. Raises InvalidInput."""
        lines = self.needed(LIST).splitlines()
        if len(lines) > MOST_LINES:
            raise InvalidInput(
                f"the list has {len(lines):,} lines, and {MOST_LINES:,} go at once; the command line takes files of any size."
            )
        return lines


def posted(index: Index) -> Callable[[Request], Awaitable[Posted]]:
    """A dependency of every route that changes something."""

    async def of_request(request: Request) -> Posted:
        if why := foreign(request.headers):
            raise HTTPException(403, f"This is refused: {why}.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
            raise HTTPException(415, f"Only forms are taken here ({_URLENCODED}).")
        fields = parsed(await _body(request))
        if not index.tokens.fits(fields.pop("token", ""), request.headers.get("host", "")):
            raise HTTPException(
                403,
                "This form is of another run of the explorer, or no form of it: load its page again, and send that.",
            )
        return Posted(fields)

    return of_request


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, "A form may have 1 MB; the command line takes files of any size.")
    return bytes(body)


def parsed(body: bytes) -> dict[str, str]:
    """Raises InvalidInput for what no form of ours sends."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise InvalidInput("this is no form.") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise InvalidInput(f"{name[:50]!r} is there twice.")
        if _CONTROL.search(name) or (_CONTROL_OF_LISTS if name == LIST else _CONTROL).search(value):
            raise InvalidInput(f"{name[:50]!r} has control characters.")
        if name != LIST and len(value) > _LONGEST:
            raise InvalidInput(f"{name[:50]!r} is longer than {_LONGEST:,} characters.")
        fields[name] = value.strip()
    return fields

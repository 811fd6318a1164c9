"""Rows to take along: all of them, as they are found."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

from backlink_crawler.ask.formats import Format, render
from backlink_crawler.web.questions import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.responses import Response
    from starlette.types import Message, Send

    from backlink_crawler.web.index import Index
    from backlink_crawler.web.questions import Asked, Question

_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json", "jsonl": "application/jsonl"}
FORMATS = tuple(_MEDIA_TYPES)
_STALLED_SECONDS = 60  # for which whoever takes it may take nothing


class _Download(StreamingResponse):
    """Ended when nobody takes it, so that its session is free for others."""

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            await asyncio.wait_for(send(message), _STALLED_SECONDS)

        await super().stream_response(send_in_time)


def downloaded(index: Index, question: Question, asked: Asked, form: str) -> Response:
    columns, found = rows(index.downloads, asked)
    return download_of(columns, found, f"{question.name}-{asked.target}", form)


def download_of(columns: Sequence[str], found: Iterator[Sequence[Any]], name: str, form: str) -> Response:
    """name: of the file, without its ending."""
    pieces = render(columns, found, Format(form), width=None)
    first = next(pieces, None)  # what goes wrong at once is a page that says so
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-") else "_" for letter in name)
    lines = _lines(chain([first], pieces) if first is not None else iter(()))
    disposition = f'attachment; filename="{plain[:100]}.{form}"'
    return _Download(lines, media_type=_MEDIA_TYPES[form], headers={"Content-Disposition": disposition})


def _lines(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield f"{piece}\n".encode()

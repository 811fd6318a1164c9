"""Rows to take along: all of them, as they are found."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Generator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio import CancelScope, to_thread
from starlette.responses import FileResponse, StreamingResponse

from backlink_crawler.ask.files import FileFormat, available, write
from backlink_crawler.ask.formats import Format, render
from backlink_crawler.store.asking import run
from backlink_crawler.web.questions import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from backlink_crawler.store.asking import Query
    from backlink_crawler.store.column_types import Column
    from backlink_crawler.web.index import Index
    from backlink_crawler.web.questions import Asked, Question

FORMATS = available()
_WHOLE = {FileFormat.XLSX, FileFormat.PARQUET}  # what they begin with is known at their end
_STALLED_SECONDS = 60  # for which whoever takes it may take nothing


class _Download(StreamingResponse):
    """Ended when nobody takes it, so that its session is free for others. end: frees it, whatever has happened."""

    def __init__(self, lines: Iterator[bytes], end: Callable[[], None], **about: Any) -> None:
        super().__init__(lines, **about)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._end)

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            await asyncio.wait_for(send(message), _STALLED_SECONDS)

        await super().stream_response(send_in_time)


class _Whole(FileResponse):
    """A file that is gone when it is sent, or could not be. folder: its own."""

    def __init__(self, file: Path, folder: str, **about: Any) -> None:
        super().__init__(file, **about)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


def downloaded(index: Index, question: Question, asked: Asked, form: FileFormat) -> Response:
    columns, found = rows(index.downloads, asked)
    return download_of(columns, found, f"{question.name}-{asked.target}", form)


def answer_of(index: Index, query: Query, name: str, form: FileFormat) -> Response:
    """name: as in download_of."""
    columns, found = run(index.downloads, query)
    return download_of(columns, found, name, form)


def download_of(columns: Sequence[Column], found: Iterator[Sequence[Any]], name: str, form: FileFormat) -> Response:
    """name: of the file, without its ending."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-") else "_" for letter in name)
    headers = {"Content-Disposition": f'attachment; filename="{plain[:100]}{form.ending}"'}
    if form in _WHOLE:
        return _whole(columns, found, form, headers)
    first = next(found, None)  # what goes wrong at once is a page that says so
    rows = chain([first], found) if first is not None else iter(())
    lines = _lines(render(columns, rows, Format(form.value), width=None))
    return _Download(lines, _ending(found), media_type=form.media_type, headers=headers)


def _whole(
    columns: Sequence[Column], found: Iterator[Sequence[Any]], form: FileFormat, headers: dict[str, str]
) -> Response:
    folder = tempfile.mkdtemp(prefix="backlinks-")
    try:
        file = Path(folder, f"download{form.ending}")
        write(file, form, columns, found)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _Whole(file, folder, media_type=form.media_type, headers=headers)


def _ending(rows: Iterator[Any]) -> Callable[[], None]:
    """What frees the session that the rows come from."""
    return rows.close if isinstance(rows, Generator) else lambda: None


def _lines(pieces: Iterator[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield f"{piece}\n".encode()

"""A web server that answers for every host and path with a small page: a few links inside, a few that leave."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARAGRAPH = "<p>Some words before <a href='{href}'>some words of a link</a> and some words after it.</p>"
_LINKS = [*(f"/{number}" for number in range(5)), *(f"https://target{number}.test/page" for number in range(5))]
_BODY = (
    "<!doctype html><html lang=en><title>A page of some host</title><body>"
    + "".join(_PARAGRAPH.format(href=href) for href in _LINKS)
).encode()
_HEADERS = b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
_PAGE = b"HTTP/1.1 200 OK\r\n" + _HEADERS % len(_BODY) + _BODY
_NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\n" + _HEADERS % 0


@contextmanager
def any_host() -> Iterator[int]:
    """Serves on loopback for as long as it lasts; gives the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            writer.write(_NO_ROBOTS if request.startswith(b"GET /robots.txt ") else _PAGE)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the crawler has closed the connection
    finally:
        writer.close()

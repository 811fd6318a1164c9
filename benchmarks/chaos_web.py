"""A web that changes from night to night as it is told to, the same each time: what a crawl finds is known."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTS = 10
PAGES = 15  # of a host
LINKS = 6  # of a page that leave its domain
TARGETS = 40


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that was killed has hung up."""


class ChangingWeb:
    """Within a `with` block. Answers for host0.test to host9.test, as it is in `night`: 1, 2 or 3.

    body_of: the page of a host, with a number, in a night; None: 404.
    """

    def __init__(self, body_of: Callable[[int, int, int], str | None] | None = None) -> None:
        self.night, body_of = 1, body_of or page
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host = re.match(r"host(\d+)\.", self.headers.get("Host", ""))
                path = re.fullmatch(r"/(\d*)", self.path)
                body = body_of(int(host[1]), int(path[1] or 0), web.night) if host and path else None
                data = (body or "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def page(host: int, number: int, night: int) -> str | None:
    """None: 404. In the second night links go, and change their words and rel; in the third some of that is undone."""
    if number >= PAGES or (night == 2 and number % 5 == 4):
        return None
    inside = "".join(f'<a href="/{each}">on</a> ' for each in (2 * number + 1, 2 * number + 2) if each < PAGES)
    links = [link(host, number, each, night) for each in range(LINKS)]
    return f"<!doctype html><title>Page {number}</title><p>{inside}{' '.join(filter(None, links))}"


def link(host: int, number: int, each: int, night: int) -> str:
    target = (host * 7 + number * 3 + each) % TARGETS
    words, rel = f"words {each}", ""
    if night >= 2 and number % 3 == 0 and each == 0:
        return ""  # in the third night still: lost
    if night == 2 and number % 3 == 1:
        if each == 3:
            return ""  # restored in the third night
        words = "other words" if each == 1 else words
        rel = ' rel="nofollow"' if each == 2 else rel
    return f'<a href="http://target{target}.test/{each}"{rel}>{words}</a>'

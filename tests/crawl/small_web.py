"""A web server on loopback whose every answer a test writes down."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, NamedTuple, Self


class Answer(NamedTuple):
    body: bytes | str = ""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012  a NamedTuple's default is never changed


class Asked(NamedTuple):
    """at: monotonic seconds. answered: was the answer handed to the network as a whole? headers: lower-case names."""

    at: float
    host: str
    path: str
    answered: bool
    headers: dict[str, str] = {}  # noqa: RUF012  a NamedTuple's default is never changed


# A text is a page. A function is given the connection's socket and writes what it likes.
Page = "Answer | str | Callable[[socket.socket], None]"


class SmallWeb:
    """Within a `with` block. pages: by host and path, `one.test/robots.txt`; `{port}` in texts becomes the port.

    seconds: that every answer takes. port: 0: a free one.
    """

    def __init__(self, pages: dict[str, Any], *, seconds: float = 0.0, port: int = 0) -> None:
        self._pages = pages
        self._port = port
        self.seconds = seconds
        self.asked: list[Asked] = []

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.web = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, name: str) -> str:
        host, _, path = name.partition("/")
        return f"http://{host}:{self.port}/{path}"

    def paths(self, host: str) -> list[str]:
        """Asked of a host, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.host == host and asked.path != "/robots.txt"]

    def page(self, host: str, path: str) -> Any:
        return self._pages.get(host + path, Answer("gone", 404))


class _Server(ThreadingHTTPServer):
    web: SmallWeb
    request_queue_size = 128

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own would ask the resolver for this machine's name
        self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]

    def handle_error(self, *_: object) -> None:
        pass  # a client that hangs up


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 20
    server: _Server

    def do_GET(self) -> None:
        web, host = self.server.web, self.headers.get("Host", "").partition(":")[0]
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(time.monotonic(), host.removesuffix("."), self.path, answered=False, headers=headers)
        number = len(web.asked)
        web.asked.append(asked)
        time.sleep(web.seconds)
        page = web.page(host.removesuffix("."), self.path)
        if callable(page):
            self.close_connection = True
            page(self.connection)
            return
        answer = Answer(page) if isinstance(page, str) else page
        body = answer.body
        if isinstance(body, str):
            body = body.replace("{port}", str(web.port)).encode()
        self.send_response(answer.status)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value.replace("{port}", str(web.port)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        web.asked[number] = asked._replace(answered=True)

    def log_message(self, *_: object) -> None:
        pass

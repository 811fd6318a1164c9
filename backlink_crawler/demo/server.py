"""Serves sites/ on 127.0.0.1, one virtual host a folder; web.toml says what is not a plain file."""

import gzip
import hashlib
import sys
import threading
import tomllib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

_HERE = Path(__file__).parent
_WRITTEN_PORT = ".test:8000"
_CONTENT_TYPES = {
    ".css": "text/css",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
_REQUESTS_KEPT = 100_000


class LittleWeb:
    """Serves the demo web inside a `with` block; port 0 takes any free port, `port` then says which."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self._server = _Server(self.port)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="little-web", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()

    def requests(self) -> list[tuple[str, str]]:
        """(host, path with query) in the order received, HEAD and unknown ones too; the last 100,000 are kept."""
        return list(self._server.requests) if self._server else []

    def localise(self, text: str) -> str:
        """The text with the real port in place of the 8000 that the sites are written with."""
        return _with_port(text, self.port)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        facts = tomllib.loads((_HERE / "web.toml").read_text("utf-8"))
        self._moved: dict[str, str] = facts.pop("moved")
        self._answers = dict(_answers(facts, self.server_port))
        self.requests: deque[tuple[str, str]] = deque(maxlen=_REQUESTS_KEPT)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own would ask the resolver for this machine's name
        self.server_name, self.server_port = "localhost", self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that hangs up is nobody's error
            super().handle_error(request, client_address)

    def answer(self, host: str, target: str) -> _Answer:
        self.requests.append((host, target))
        if host in self._moved:
            return _without_file(301, {"Location": _with_port(self._moved[host], self.server_port) + target})
        known = self._answers.get(host + unquote(urlsplit(target).path))
        return known or _without_file(404, {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    timeout = 30  # seconds a kept-alive connection may idle
    server: _Server

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        host = urlsplit(f"//{target.netloc or self.headers.get('Host', '')}").hostname or ""
        answer = self.server.answer(host, target._replace(scheme="", netloc="").geturl() or "/")
        seen = {tag.strip().removeprefix("W/") for tag in self.headers.get("If-None-Match", "").split(",")}
        fresh = "ETag" in answer.headers and not seen.isdisjoint({"*", answer.headers["ETag"]})
        self.send_response(304 if fresh else answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not fresh:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not fresh and self.command == "GET":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815 - http.server asks for this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


def _answers(facts: dict[str, dict[str, Any]], port: int) -> Iterator[tuple[str, _Answer]]:
    """Every (host and decoded path, answer) there is; later pairs overrule earlier ones."""
    for name, fact in facts.items():
        yield name, _without_file(fact.get("status", 200), _headers(fact, port))
    sites = _HERE / "sites"
    for file in sorted(path for path in sites.rglob("*") if path.is_file()):
        name = file.relative_to(sites).as_posix()
        body = _with_port(file.read_bytes().decode("latin-1"), port).encode("latin-1")
        names = [name]
        if file.name == "index.html":
            folder = name.removesuffix("index.html")
            yield folder.rstrip("/"), _without_file(301, {"Location": "/" + folder.partition("/")[2]})
            names.append(folder)
        for each in names:
            yield each, _from_file(file, file.suffix, body, facts.get(each, {}), port)
        if file.suffix == ".xml":
            yield f"{name}.gz", _from_file(file, ".gz", gzip.compress(body, mtime=0), {}, port)


def _from_file(file: Path, suffix: str, body: bytes, fact: dict[str, Any], port: int) -> _Answer:
    headers = {"Content-Type": _CONTENT_TYPES.get(suffix, "application/octet-stream")}
    if (status := fact.get("status", 200)) == HTTPStatus.OK:
        headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers["Last-Modified"] = formatdate(file.stat().st_mtime, usegmt=True)
    return _Answer(status, headers | _headers(fact, port), body)


def _without_file(status: int, headers: dict[str, str]) -> _Answer:
    phrase = HTTPStatus(status).phrase
    page = f"<!DOCTYPE html>\n<title>{status} {phrase}</title>\n<h1>{phrase}</h1>\n"
    return _Answer(status, {"Content-Type": "text/html", **headers}, page.encode())


def _headers(fact: dict[str, Any], port: int) -> dict[str, str]:
    return {name: _with_port(value, port) for name, value in fact.items() if name != "status"}


def _with_port(text: str, port: int) -> str:
    return text.replace(_WRITTEN_PORT, f".test:{port}")

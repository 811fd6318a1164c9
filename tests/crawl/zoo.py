"""The hostile zoo: a server on loopback where each host, `NAME.test`, has one misbehaving page beside honest ones.

`/` is an honest page that leads to `/it`, where the animal is mostly kept, and to `/after`, an honest page too.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from inspect import signature
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, NamedTuple, Self

from backlink_crawler.model import Outcome

if TYPE_CHECKING:
    import ssl

Show = Callable[..., bytes | Iterable[bytes]]
Ended = tuple[Outcome, str]

OK: Ended = (Outcome.OK, "")
HONEST = {"/": OK, "/after": OK}
INDEX = b"<title>index</title><a href=/it>it</a> <a href=/after>after</a>"
HELLO = b"\x16\x03"  # how a visitor begins who wants to speak TLS
LEAVE = 60.0  # seconds after which a visitor who waits is left alone


class Reset(Exception):
    """Raised by an animal: the connection ends with a reset."""


class Animal(NamedTuple):
    """A misbehaving page. show: what goes over the wire, as a whole or piece by piece; it may take the query asked for.

    ended: by path, how each visit to its host ends. links: where the page's links are recorded to lead.
    keeps: the connection stays open for the next request.
    """

    name: str
    path: str
    show: Show
    ended: dict[str, Ended]
    links: frozenset[str]
    keeps: bool

    @property
    def host(self) -> str:
        return f"{self.name}.test"


class House(dict[str, Animal]):
    """Animals by name. A function becomes one, named after it, by `@house.animal(…)`."""

    def animal(
        self,
        outcome: Outcome,
        reason: str = "",
        *,
        name: str = "",
        path: str = "/it",
        visit: str = "",
        links: Iterable[str] = (),
        others: dict[str, Ended] = HONEST,
        keeps: bool = False,
    ) -> Callable[[Show], Show]:
        """outcome, reason: of the visit to the path `visit`, mostly where it is kept. others: of all other visits."""

        def keep(show: Show) -> Show:
            called = name or show.__name__.replace("_", "-")
            assert called not in self
            ended = {**others, visit or path: (outcome, reason)}
            self[called] = Animal(called, path, show, ended, frozenset(links), keeps)
            return show

        return keep


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", media_type: str | None = "text/html") -> bytes:
    """A whole answer of HTTP/1.1, with its length unless `headers` name one."""
    lines = [f"HTTP/1.1 {status}", *headers]
    named = {header.partition(":")[0].lower() for header in headers}
    if media_type and "content-type" not in named:
        lines.append(f"Content-Type: {media_type}")
    if not named & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def endless(*headers: str, status: str = "200 OK", media_type: str | None = "text/html") -> bytes:
    """The head of an answer that ends when the connection does."""
    return answer(
        b"", "Connection: close", "Transfer-Encoding: x", *headers, status=status, media_type=media_type
    ).replace(b"Transfer-Encoding: x\r\n", b"")


class Zoo:
    """Within a `with` block."""

    def __init__(self, animals: dict[str, Animal], tls: ssl.SSLContext | None = None) -> None:
        """tls: None speaks plainly."""
        self.animals = animals
        self.tls = tls

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Keeper)
        self._server.zoo = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        port: int = self._server.server_address[1]
        return port


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    zoo: Zoo

    def handle_error(self, *_: object) -> None:
        pass  # visitors hang up


class _Keeper(BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(LEAVE)
        if tls := self.server.zoo.tls:
            self.request = tls.wrap_socket(self.request, server_side=True)
        while request := self._asked():
            host, path = request
            animal = self.server.zoo.animals.get(host.partition(".")[0])
            place, _, query = path.partition("?")
            if animal and place == animal.path:
                self._show(animal, query)
                if not animal.keeps:
                    return
            else:
                self.request.sendall(self._honest(host, place, animal))

    def _asked(self) -> tuple[str, str] | None:
        """Host and path of the next request."""
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.request.recv(65_536)
            if not data:
                return None
            head += data
            if head.startswith(HELLO):
                self.request.sendall(answer(b"speak plainly", status="400 Bad Request"))
                return None
        first, *headers = head.decode("latin-1").split("\r\n")
        host = next(line.partition(":")[2].strip() for line in headers if line.lower().startswith("host:"))
        return host, first.split(" ")[1]

    def _show(self, animal: Animal, query: str) -> None:
        shown = animal.show(query) if signature(animal.show).parameters else animal.show()
        try:
            for piece in [shown] if isinstance(shown, bytes) else shown:
                self.request.sendall(piece)
        except Reset:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _honest(self, host: str, path: str, animal: Animal | None) -> bytes:
        if path == "/":
            return answer(INDEX)
        if path == "/after":
            return answer(b"<title>after</title>")
        if path == "/robots.txt" and animal and animal.path.startswith("/sitemap"):
            return answer(f"Sitemap: http://{host}{animal.path}".encode(), media_type="text/plain")
        return answer(b"nothing here", status="404 Not Found")

    def finish(self) -> None:
        with suppress(OSError):
            self.request.close()
